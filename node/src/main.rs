//! piaod, the Piao invoice node.

fn main() {}
