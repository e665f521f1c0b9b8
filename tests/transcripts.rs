//! Transcripts: what a command prints, to the letter, and the code it ends with. Each case is
//! `cmd/<case>.toml` with what it prints beside it, run in a copy of `cmd/<case>.in` and in an
//! environment of its own. `TRYCMD=overwrite` writes what is printed now.

#[test]
fn commands_print_what_their_transcripts_say() {
    trycmd::TestCases::new().case("tests/cmd/*.toml");
}
