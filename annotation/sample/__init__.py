"""Who is given what: the declared sample, its slots, the tasks that look at raters, and who fills a slot."""
