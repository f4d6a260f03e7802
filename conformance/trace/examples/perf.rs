fn main() {
    let path = std::env::args().nth(1).unwrap();
    let what = std::env::args().nth(2).unwrap_or_default();
    let bytes = std::fs::read(path).unwrap();
    for _ in 0..3 {
        let start = std::time::Instant::now();
        let mut reader = sigprof_trace::trace::Reader::new(&bytes).unwrap();
        if what == "read" {
            reader.verify().unwrap();
        } else if what == "sum" {
            let mut n = 0;
            while let Some(e) = reader.next_event().unwrap() {
                n += std::hint::black_box(e).offset;
            }
            std::hint::black_box(n);
        } else {
            let options = sigprof_trace::export::chrome::Options { all: false };
            sigprof_trace::export::chrome::export(&mut reader, options, &mut std::io::sink())
                .unwrap();
        }
        println!("{what} {:?}", start.elapsed());
    }
}
