#![no_main]

#[path = "../targets.rs"]
#[allow(dead_code)]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::trace::alone(bytes));

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
    let by_structure = targets::mutate::in_place(targets::Input::TraceV2, data, size, max, seed);
    by_structure.unwrap_or_else(|| libfuzzer_sys::fuzzer_mutate(data, size, max))
});
