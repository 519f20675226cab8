"use strict";
// Shows the questions that lie in this page as data. Foreign texts become text nodes and nothing else.
(() => {
  const PER_PAGE = 50;
  const SCOPES = { country: "in one country", region: "within a region", none: "no counterpart" };
  const LEVELS = { high: "high", low: "low", none: "not surely high or low" };
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString("en");
  const minus = (value, digits) => value.toFixed(digits).replace("-", "−");

  const chance = (error) => (error < 0.001 ? "below 0.1 %" : `${minus(100 * error, error < 0.1 ? 1 : 0)} %`);

  const FIELDS = {
    recipe: (one) => [one.recipe],
    dimension: (one) => one.dimensions,
    country: (one) => one.inCountries,
    language: (one) => [one.language],
    split: (one) => [one.split],
    scope: (one) => one.scopes,
    check: (one) => [
      ...(one.flags.length ? ["flagged"] : []),
      ...one.flags.map((code) => `flag ${code}`),
      one.judge === null ? "not judged" : one.problems.length ? "judge objects" : "judge finds nothing",
      ...one.problems.map((code) => `problem ${code}`),
    ],
  };

  const plain = (text) => text.normalize("NFKC").toLocaleLowerCase();
  const haystack = data.questions.map((one) =>
    plain([one.text, ...one.answers.map((answer) => answer.text), one.topic, one.id].join("\n")));

  let found = [];
  let page = 0;
  let current = -1;

  function el(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    for (const child of children.flat()) if (child !== null) made.append(child);
    return made;
  }
  const foreign = (text) => el("bdi", { dir: "auto" }, text);
  const told = (tag, one, text, attributes = {}) => el(tag, { dir: "auto", lang: one.language, ...attributes }, text);
  const tag = (text, kind = "tag") => el("span", { class: kind }, text);
  const title = (name) => data.titles[name] ?? name;
  const placeOf = (person) => (person.country === null ? "country unknown" : data.countries[person.country] ?? person.country);

  function scores(one, person) {
    return el("ul", {}, one.dimensions.map((name) => {
      const score = person.scores[name];
      if (!score) return el("li", {}, foreign(title(name)), ": not measured");
      const [raw, error, standardised, errorStandardised, level] = score;
      const sign = standardised > 0 ? "+" : "";
      return el("li", {}, foreign(title(name)), `: ${LEVELS[level]}, `, el("b", {}, minus(raw, 0)), ` ± ${minus(error, 0)}`,
        ` (${sign}${minus(standardised, 1)} ± ${minus(errorStandardised, 1)} SD)`);
    }));
  }

  function personCard(one, [index, place, error], withRegion) {
    const person = data.people[index];
    const answer = one.answers[place];
    const region = withRegion && person.region !== null ? [" · ", foreign(person.region)] : [];
    const known = person.known.flatMap(([name, value], at) =>
      [at ? " · " : "", el("span", { class: "quiet" }, foreign(name), ": "), foreign(value)]);
    return el("div", { class: `person ${place ? "b" : "a"}` },
      el("p", { class: "who" }, placeOf(person), region),
      el("p", {}, known.length ? known : "no demographics known"),
      el("p", {}, "Expected: ", el("b", {}, "AB"[place]), ", ", foreign(answer.side), `. Chance of the other side: ${chance(error)}`),
      scores(one, person),
      one.for === index ? el("p", { class: "note" }, "The question was written for this person.") : null,
      el("p", { class: "note" }, el("code", {}, person.id)));
  }

  function pairOf(one, pair, at) {
    const people = pair.people.map(([index]) => data.people[index]);
    const withRegion = pair.scope === "region" || new Set(people.map((person) => person.region)).size > 1;
    const apart = pair.distance === null ? "" : `, differing in ${Math.round(100 * pair.distance)} % of demographics`;
    const heading = `Pair ${one.pairCount > 1 ? `${at + 1} of ${number(one.pairCount)} ` : ""}${SCOPES[pair.scope]}${apart}`;
    return el("div", { class: "pair" }, el("h4", {}, heading),
      el("div", { class: "sides" }, pair.people.map((stand) => personCard(one, stand, withRegion))));
  }

  function aloneOf(one) {
    if (!one.aloneCount) return null;
    const heading = one.recipe === "paper" ? "Put to" : `Also put to ${number(one.aloneCount)} without a counterpart`;
    const shown = el("div", { class: "sides" }, one.alone.map((stand) => personCard(one, stand, false)));
    const more = one.aloneCount - one.alone.length;
    const rest = more > 0 ? el("p", { class: "more" }, `and ${number(more)} more`) : null;
    if (one.pairCount === 0) return el("div", { class: "alone" }, el("h4", {}, heading), shown, rest);
    return el("details", {}, el("summary", {}, heading), shown, rest);
  }

  function costOf(one) {
    if (one.cost === null) return "no model call";
    const price = one.cost.usd === null ? "price not known" : `${one.cost.usd} USD`;
    const shared = one.cost.questions > 1 ? `, of which ${number(one.cost.questions)} questions came` : "";
    return `${price}, ${number(one.cost.tokens[0])} tokens in, ${number(one.cost.tokens[1])} out${shared}`;
  }

  function facts(one) {
    const person = data.people[one.for];
    const judge = one.judge === null ? ["not judged"]
      : [foreign(one.judge), one.problems.length ? ` found: ${one.problems.join(", ")}` : " found nothing"];
    const rows = [
      ["The writer got", ["topic ", foreign(one.topic), ", ", one.dimensions.map(title).join(" and "), 
        one.recipe === "paper" ? ", and where one person stands: " : ", nobody's side; it was the turn of ", el("code", {}, person.id), ` (${placeOf(person)})`]],
      ["Writer", [foreign(one.writer), ", version ", el("code", {}, one.version.slice(0, 12)), one.scenario === null ? null : [", scenario ", foreign(one.scenario)]].flat()],
      ["Flags", [one.flags.length ? one.flags.join(", ") : "none"]],
      ["Judge", judge],
      ["Cost", [costOf(one)]],
      ["Ids", [one.id, ...one.answers.map((answer) => answer.id), ...one.pairs.map((pair) => pair.id),
        ...[...one.pairs.flatMap((pair) => pair.people), ...one.alone].map((stand) => stand[3]), ...one.calls]
        .flatMap((id) => [el("code", {}, id), " "])],
    ];
    if (one.unseen) rows.push(["Left out", [`${number(one.unseen)} characters that cannot be seen or that turn the direction of reading`]]);
    return el("details", {}, el("summary", {}, "How it was made, checks, cost, ids"),
      el("dl", {}, rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])));
  }

  function article(one, at) {
    const tags = [
      tag(one.recipe), tag(foreign(one.dimensions.map(title).join(one.recipe === "tradeoff" ? " or " : ", "))),
      ...one.inCountries.slice(0, 3).map((code) => tag(data.countries[code] ?? code)),
      one.inCountries.length > 3 ? tag(`and ${one.inCountries.length - 3} more`) : null,
      tag(one.language), tag(one.split), tag(foreign(one.topic)),
      ...one.flags.map((code) => tag(`flag: ${code}`, "tag mark")), ...one.problems.map((code) => tag(`judge: ${code}`, "tag mark")),
      one.unseen ? tag("unseen characters left out", "tag mark") : null,
    ];
    const morePairs = one.pairCount - one.pairs.length;
    return el("article", { id: one.id, tabindex: "-1", "aria-labelledby": `${one.id}-text`, "data-at": at },
      el("p", { class: "tags" }, el("span", { class: "quiet" }, `${number(at + 1)}.`), tags),
      told("h3", one, one.text, { id: `${one.id}-text` }),
      el("div", { class: "sides" }, one.answers.map((answer, place) => el("div", { class: `side ${place ? "b" : "a"}` },
        el("span", { class: "chip" }, `${"AB"[place]} · `, foreign(answer.side)), told("p", one, answer.text)))),
      one.pairs.map((pair, place) => pairOf(one, pair, place)),
      morePairs > 0 ? el("p", { class: "more" }, `and ${number(morePairs)} more ${morePairs === 1 ? "pair" : "pairs"}`) : null,
      aloneOf(one),
      one.pairCount || one.aloneCount ? null : el("p", { class: "more" }, "Put to nobody."),
      facts(one));
  }

  function pager(nav, pages) {
    if (pages < 2) return nav.replaceChildren();
    const step = (text, to) => {
      const button = el("button", { type: "button" }, text);
      button.disabled = to < 0 || to >= pages;
      button.addEventListener("click", () => { show(to); byId("questions").scrollIntoView(); });
      return button;
    };
    nav.replaceChildren(step("Previous page", page - 1), `page ${number(page + 1)} of ${number(pages)}`, step("Next page", page + 1));
  }

  function show(to) {
    const pages = Math.ceil(found.length / PER_PAGE);
    page = Math.max(0, Math.min(to, pages - 1));
    current = -1;
    const first = page * PER_PAGE;
    const shown = found.slice(first, first + PER_PAGE);
    byId("list").replaceChildren(...shown.map((index, place) => el("li", {}, article(data.questions[index], first + place))));
    document.querySelectorAll(".pages").forEach((nav) => pager(nav, pages));
    const all = number(data.questions.length);
    byId("status").textContent = !data.questions.length ? "There are no questions."
      : !found.length ? `None of ${all} questions fits.`
      : `${number(first + 1)} to ${number(first + shown.length)} of ${number(found.length)}${found.length < data.questions.length ? ` that fit, of ${all}` : " questions"}`;
  }

  const selects = [...document.querySelectorAll("select[data-field]")];

  function filter() {
    const words = plain(byId("words").value).split(/\s+/u).filter(Boolean);
    const chosen = selects.filter((one) => one.value !== "").map((one) => [FIELDS[one.dataset.field], one.value]);
    found = [];
    data.questions.forEach((one, index) => {
      if (chosen.every(([field, value]) => field(one).includes(value)) && words.every((word) => haystack[index].includes(word))) found.push(index);
    });
    byId("clear").hidden = !words.length && !chosen.length;
    show(0);
  }

  function clear() {
    byId("words").value = "";
    selects.forEach((one) => { one.value = ""; });
    filter();
  }

  function go(step) {
    let to = (current < 0 ? (step > 0 ? page * PER_PAGE - 1 : page * PER_PAGE) : current) + step;
    to = Math.max(0, Math.min(to, found.length - 1));
    if (Math.floor(to / PER_PAGE) !== page) show(Math.floor(to / PER_PAGE));
    const target = document.querySelector(`article[data-at="${to}"]`);
    if (!target) return;
    current = to;
    target.focus({ preventScroll: true });
    target.scrollIntoView();
  }

  function onKey(event) {
    if (event.target === byId("words")) {
      if (event.key === "Escape") { event.target.blur(); event.preventDefault(); }
      return;
    }
    if (!byId("keys").checked || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
    if (event.key === "/") { byId("words").focus(); byId("words").select(); event.preventDefault(); }
    if (event.key === "n") go(1);
    if (event.key === "p") go(-1);
  }

  function toLinked() {
    const at = found.findIndex((index) => data.questions[index].id === location.hash.slice(1));
    if (at < 0) return;
    current = at;
    go(0);
  }

  byId("words").addEventListener("input", filter);
  selects.forEach((one) => one.addEventListener("change", filter));
  byId("clear").addEventListener("click", () => { clear(); byId("words").focus(); });
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusin", (event) => {
    const inside = event.target.closest?.("article");
    if (inside) current = Number(inside.dataset.at);
  });
  window.addEventListener("hashchange", toLinked);
  clear();
  toLinked();
})();
