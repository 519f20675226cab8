"""A local Hugging Face model folder, opened for scoring and replies: safetensors only, no code of its own, offline."""

import ctypes
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils.logging import disable_progress_bar

from schemas.chat import Message
from schemas.errors import InputError

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""Of glibc's `mallopt`."""
MOST_KEPT = 2**31 - 1


@dataclass(frozen=True)
class LocalModel:
    """An opened model; `context` is the most tokens a prompt and one answer may have together."""

    path: Path
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    context: int

    @property
    def pad(self) -> int:
        """Token id to fill up rows with; never attended to."""
        pad = self.tokenizer.pad_token_id
        return int(pad if isinstance(pad, int) else self.tokenizer.eos_token_id)

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens of `messages` in the tokenizer's chat template, up to where the reply begins."""
        chat = [message.model_dump() for message in messages]
        text = self.tokenizer.apply_chat_template(chat, add_generation_prompt=True, tokenize=False)
        return [int(token) for token in self.tokenizer(text, add_special_tokens=False)["input_ids"]]

    def answer_ids(self, answer: str) -> list[int]:
        """Return the tokens of an answer, without an end-of-turn token."""
        return [int(token) for token in self.tokenizer(answer, add_special_tokens=False)["input_ids"]]


def open_model(path: Path, threads: int = 1) -> LocalModel:
    """Return the model in folder `path`, in evaluation mode; on a GPU in its own dtype, on a CPU in float32.

    Sets the number of torch threads of this process (more than one gains nothing while other work is on the machine),
    and has glibc keep the memory that tensors free.

    Raises:
        InputError: `not-a-model`, where `path` is not a complete model folder with safetensors and a chat template.
    """
    torch.set_num_threads(threads)
    _keep_memory()
    disable_progress_bar()  # type: ignore[no-untyped-call] # a bar a model, for what takes a blink
    _look(path)
    gpu = torch.cuda.is_available()
    try:
        config = AutoConfig.from_pretrained(path, local_files_only=True, trust_remote_code=False)
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            path,
            config=config,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype="auto" if gpu else torch.float32,
        )
    except (OSError, ValueError, KeyError, RuntimeError) as exc:
        raise _not_a_model(path, f"a folder that transformers refuses: {exc}") from exc
    if tokenizer.chat_template is None:
        raise _not_a_model(path, "a tokenizer without a chat template")
    model.eval()  # type: ignore[no-untyped-call]
    if gpu:
        model.to(torch.device("cuda"))  # type: ignore[arg-type]
    context = getattr(config.get_text_config(), "max_position_embeddings", None)
    return LocalModel(path=path, model=model, tokenizer=tokenizer, context=int(context or tokenizer.model_max_length))


def _keep_memory() -> None:
    """Given back to the system at each step, memory comes again page by page and zeroed: a third of tuning's time."""
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, MOST_KEPT)


def _look(path: Path) -> None:
    """Check what can be told from file names, before anything is loaded."""
    if not path.is_dir():
        raise _not_a_model(path, "a file" if path.exists() else "nothing there")
    names = sorted(entry.name for entry in path.iterdir())
    if not names:
        raise _not_a_model(path, "an empty folder")
    if "config.json" not in names:
        kind = "a LoRA adapter that is not merged" if "adapter_config.json" in names else "no config.json"
        raise _not_a_model(path, f"{kind} among {_some(names)}")
    if not any(name.endswith(".safetensors") for name in names):
        raise _not_a_model(path, f"no safetensors file among {_some(names)}")


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:6])
    return f"{shown} and {len(names) - 6} more" if len(names) > 6 else shown  # noqa: PLR2004 - what fits a line


def _not_a_model(path: Path, found: str) -> InputError:
    return InputError(
        "not-a-model",
        "model folder",
        where=str(path),
        found=found,
        expected="a Hugging Face folder with config.json, *.safetensors and a tokenizer with a chat template",
        way_out="download the model with `hf download MODEL --local-dir DIR`, or merge the adapter into its base",
    )
