"""The coach's keys: what each is bound to, and the help that lists them."""

from __future__ import annotations

from textual.binding import Binding, BindingType

# A comma and a full stop are < and > without Shift on many keyboards, = is + without it;
# the capitals are for Caps Lock.
KEYS: list[BindingType] = [
    Binding("space", "desk('start')", "start", key_display="Space"),
    Binding("a,A", "desk('arm')", "arm", key_display="A"),
    Binding("l,L", "desk('lap')", "lap", key_display="L"),
    Binding("u,U", "desk('undo')", "undo", key_display="U"),
    Binding("less_than_sign,comma", "move_start(-1)", "start -", key_display="<", show=False),
    Binding("greater_than_sign,full_stop", "move_start(1)", "start +", key_display=">", show=False),
    Binding("plus,equals_sign", "move_target(1)", "target +", key_display="+", show=False),
    Binding("minus", "move_target(-1)", "target -", key_display="-", show=False),
    Binding("s,S", "stop", "stop", key_display="S"),
    Binding("m,M", "desk('mode')", "mode", key_display="M"),
    Binding("p,P", "pace", "pace", key_display="P"),
    Binding("question_mark", "help", "help", key_display="?"),
    Binding("q,Q", "quit", "quit", key_display="Q"),
    Binding("ctrl+q,ctrl+c", "quit", "quit", show=False, priority=True),
    Binding("escape", "dismiss", "close", show=False),
]

HELP = """\
 Space   start, in a countdown of 10 s; again: confirm
 A       arm: start with the first step
 L       lap tap            U    take it back
 < >     move the start 0.5 s earlier, later
 + -     target time 1 s more, less
 S S     stop the run
 M       rider: strict, elastic, audio
 P       pace as s/400, min/mile, min/km
 Q       quit (Q Q while running)
 ?       close this help"""
