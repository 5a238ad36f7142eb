//! Speed of prompts and of decoding.

fn main() {
    divan::main();
}
