"""What a user can rely on: one promise per id, each with the tests that prove it.

    S1 = Promise("S1", "a sensor that is gone is shown as gone", "within 3.0 s")

    @S1
    def test_s1_a_silent_sensor_is_shown_as_gone(measured: Measured) -> None:
        ...
        measured(S1, "{:.1f} s after its last reading, 200 cuts", worst)

A promise is declared once, beside its tests; any number of tests may carry it (a second one in another
file imports it), and one test may carry several. `measured` is a fixture: words alone, or words with `{}`
and a number. Of what several tests say in the same words the greatest number is told, once.

    python -m tests.promises              runs all and prints promised beside measured; -k S1 only some
    python -m tests.promises --readme     writes README's table, too; with -k only the rows of what ran
    python -m tests.promises --mutate     breaks the code in each way of mutations.py, and prints what noticed

A promise whose test failed or was skipped gets no row. The suite checks that README's rows and the promises
with tests are the same, in the same words: whoever adds a promise runs `--readme -k ID`.
"""
