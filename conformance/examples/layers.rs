use sigprof::trace::{Input, Reader, stat::Stat};
use std::time::Duration;
fn cpu() -> Duration {
    let s = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(s.split(' ').next().unwrap().parse().unwrap())
}
fn main() {
    let input = Input::open(std::env::args().nth(1).unwrap()).unwrap();
    let mut best = [Duration::MAX; 3];
    let mut n = 0;
    for _ in 0..10 {
        let t = cpu();
        let reader = Reader::new(&input).unwrap();
        let a = cpu();
        let stat = Stat::of(&reader).unwrap();
        let b = cpu();
        n = reader.events().count();
        let c = cpu();
        assert_eq!(stat.events, n as u64);
        best = [best[0].min(a - t), best[1].min(b - a), best[2].min(c - b)];
    }
    let per = |d: Duration| d.as_nanos() as f64 / n as f64;
    println!(
        "{n} events: index {:.1} ns, stat {:.1} ns, events {:.1} ns",
        per(best[0]),
        per(best[1]),
        per(best[2])
    );
}
