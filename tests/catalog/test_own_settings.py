"""What a project's own provider may take from the environment, and how its tokens are got: told at the file's place."""

from __future__ import annotations

import pytest

from vidbuild import packaged
from vidbuild.catalog.loader import with_own

SCHEMAS = {name: packaged.schema(name) for name in ("platform", "provider", "model")}
HEAD = "name: acme\nbase: https://a.example\n"
FILM = "{kind: footage, submit: {path: '/{team}/films', body: {p: $prompt, t: $team}}, result: [RESULT]}"
BODY = f"operations: {{film: {FILM}}}\n"
RESULT = "{video: [{at: 'steps[type=out].url'}, {at: 'steps[*].data', as: base64}]}"
OPEN = "auth: {kind: none}\nsettings: {team: ACME_TEAM}\n"
TOKEN = "auth: {kind: oauth, name: Authorization, value: 'Bearer {token}', account: ACME_ACCOUNT, scope: films}\n"


def told(text: str) -> list[str]:
    """Load a provider, and give what is told."""
    whole = HEAD + text + BODY.replace("[RESULT]", RESULT)
    _, problems = with_own(packaged.catalog(), {}, {}, {"a.yaml": whole}, SCHEMAS)
    return [f"{each.mark} {each.sentence} | {each.hint}" for each in problems]


def test_a_setting_is_a_name_of_templates_and_paths() -> None:
    """And results may lie in one of several places."""
    assert told(OPEN) == []
    assert told("keys: [ACME_ACCOUNT]\nsettings: {team: ACME_TEAM}\n" + TOKEN) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("auth: {kind: none}\n", "nothing gives `{team}`"),
        (OPEN.replace("ACME_TEAM", "FAL_KEY"), "`FAL_KEY` is the key of the packaged provider `fal`"),
        (OPEN.replace("ACME_TEAM", "GOOGLE_APPLICATION_CREDENTIALS"), "is the key of the packaged provider `vertex`"),
        (OPEN.replace("ACME_TEAM", "acme-team"), "the name of an environment variable, in capitals"),
        ("settings: {team: ACME_TEAM}\n" + TOKEN, "`keys` does not name `ACME_ACCOUNT`"),
        (
            "keys: [A]\nsettings: {team: T}\nauth: {kind: oauth, account: A}\n",
            "an auth of the kind `oauth` needs `scope`",
        ),
    ],
)
def test_what_is_wrong_with_it_is_told_in_one_sentence(text: str, sentence: str) -> None:
    """With what to do, where there is something."""
    assert any(sentence in each for each in told(text)), told(text)


@pytest.mark.parametrize("path", ["steps[].url[", "steps[a=b", "[0].url", "steps[-1].url", "a b"])
def test_a_path_that_is_none_is_told(path: str) -> None:
    """Before anything is bought by it."""
    whole = HEAD + OPEN + BODY.replace("[RESULT]", f"{{video: '{path}'}}")
    _, problems = with_own(packaged.catalog(), {}, {}, {"a.yaml": whole}, SCHEMAS)
    assert len(problems) == 1
    assert "a path like" in problems[0].sentence + str(problems[0].hint)
