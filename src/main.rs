//! The command `embsec`.

fn main() {}
