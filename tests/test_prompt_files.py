"""What the model has read is kept, checked, and read again where it cannot be believed."""

from pathlib import Path

import pytest

from assistant.prompt_files import PromptFiles


class Slot:
    """Stands for the model: holds one text, and writes and reads it as told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.holds = ""
        self.reads = 0

    def __call__(self, action: str, filename: str) -> bool:
        file = self.folder / filename
        if action == "save":
            file.write_text(self.holds)
        else:
            self.holds = file.read_text()
        return True

    def read(self, text: str) -> None:
        self.reads += 1
        self.holds = text


def held(folder: Path, prompt: str, about: str = "a model") -> Slot:
    """A new process that is to hold `prompt`."""
    slot = Slot(folder)
    PromptFiles(folder, about, slot).read_once(prompt, lambda: slot.read(prompt))
    assert slot.holds == prompt
    return slot


def test_the_next_process_need_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    assert held(folder, "the article").reads == 1
    assert held(folder, "the article").reads == 0


@pytest.mark.parametrize(("prompt", "about"), [("another article", "a model"), ("the article", "another model")])
def test_what_is_kept_of_others_is_not_taken_and_goes(tmp_path: Path, prompt: str, about: str) -> None:
    held(tmp_path, "the article")
    assert held(tmp_path, prompt, about).reads == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_a_damaged_file_is_read_anew(tmp_path: Path) -> None:
    held(tmp_path, "the article")
    [file] = tmp_path.iterdir()
    file.write_text("the articlf")
    assert held(tmp_path, "the article").reads == 1
    assert held(tmp_path, "the article").reads == 0


def test_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    (tmp_path / "partial-1").write_text("the art")
    held(tmp_path, "the article")
    assert not (tmp_path / "partial-1").exists()


def test_where_nothing_can_be_written_it_is_read_each_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for _ in range(2):
        assert held(tmp_path / "file" / "prompts", "the article").reads == 1
