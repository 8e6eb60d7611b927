//! Nothing: the runtime is what the build script of `libfuzzer-sys` leaves behind.
