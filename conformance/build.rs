//! The fixtures become part of the program. The compiler sees by itself when one of them
//! changes or goes, but not that there is a new one.

fn main() {
    println!("cargo::rerun-if-changed=../fixtures");
}
