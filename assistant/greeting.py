"""Messages that ask nothing of the text: a greeting, thanks, "what can you do?". Pure."""

import re

_HELLO = r"(?:hi|hello|hey|hiya|howdy|yo|greetings|good (?:morning|afternoon|evening|day)|how are you(?: doing)?|what'?s up|nice to meet you)"
_THANKS = r"(?:thanks?(?: you)?(?: (?:so|very) much| a lot)?|cheers|bye|goodbye|see you|great|ok(?:ay)?|cool|nice)"
_ABLE = (
    r"(?:what|which things) (?:can|could|do) (?:you|u) (?:do|answer|help(?: me)? with|know)|what can i ask(?: you)?(?: about)?|who are you|what are you|"
    r"what is this(?: (?:chat|assistant|tool|bot))?|how do(?:es)? (?:this|it|you) work|how can you help(?: me)?|help(?: me)?(?: please)?|"
    r"what (?:kind|sort)s? of questions (?:can|could) (?:i ask|you answer)|what do you do"
)
_WHOLE = re.compile(
    rf"^\W*(?:{_HELLO}|{_THANKS})?(?:\W+(?:there|all|everyone|assistant|bot|again|friend))?\W*(?:{_HELLO}|{_THANKS}|{_ABLE})?\W*$",
    re.IGNORECASE,
)


def is_greeting(message: str) -> bool:
    """Whether the whole message is a greeting, thanks, or a question about the assistant itself."""
    return len(message) <= 80 and any(c.isalnum() for c in message) and _WHOLE.match(message) is not None
