//! Runs inputs through a target: `piao-fuzz TARGET FILE…`.
//!
//! Built by `scripts/fuzz` with coverage and `--cfg fuzzing`, libFuzzer's own `main` takes over and
//! the target's name comes from the environment.

#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
mod driver {
    use std::sync::LazyLock;

    use piao_fuzz::{Target, target};

    static TARGET: LazyLock<&Target> = LazyLock::new(|| {
        let name = std::env::var("PIAO_FUZZ_TARGET").expect("PIAO_FUZZ_TARGET names a target");
        target(&name).expect("the target is known")
    });

    /// What libFuzzer calls with each input. A panic does not leave it: it ends the process, and
    /// libFuzzer keeps the input.
    #[expect(unsafe_code, reason = "libFuzzer is C++ and knows no other way in")]
    #[unsafe(no_mangle)]
    extern "C" fn LLVMFuzzerTestOneInput(data: *const u8, size: usize) -> i32 {
        let bytes = if size == 0 {
            &[]
        } else {
            // SAFETY: libFuzzer hands over `size` bytes that it does not touch during the call.
            unsafe { std::slice::from_raw_parts(data, size) }
        };
        (TARGET.run)(bytes);
        0
    }
}

#[cfg(not(fuzzing))]
fn main() -> std::io::Result<std::process::ExitCode> {
    use std::io::Write as _;

    let mut arguments = std::env::args_os().skip(1);
    let name = arguments.next().unwrap_or_default();
    let Some(target) = name.to_str().and_then(piao_fuzz::target) else {
        let names: Vec<_> = piao_fuzz::TARGETS
            .iter()
            .map(|target| target.name)
            .collect();
        let names = names.join("|");
        writeln!(std::io::stderr(), "usage: piao-fuzz {{{names}}} FILE…")?;
        return Ok(std::process::ExitCode::from(2));
    };
    for path in arguments {
        (target.run)(&std::fs::read(path)?);
    }
    Ok(std::process::ExitCode::SUCCESS)
}
