//! Every byte explained.

use sigprof::trace::v1::dump;
use sigprof_sim::tracer::{Frame, Ticks};
use sigprof_wire::v1::EventType as E;

use super::{SECOND, builder, judge, sample};

/// Guards R60.7, R60.8.
#[test]
fn a_dump_counts_ticks_and_names_strings_and_arguments() {
    let mut builder = builder();
    let name = builder.string("work");
    let frame = Frame::new(0x1234, "main.f", "main.go", 7);
    builder.event(Ticks(105), E::UserRegion, &[5, 0, name.0], &[frame]);
    builder.user_log(Ticks(106), 5, "work", "done", &[]);
    builder.cpu_sample(Ticks(405), sample(105, None, 1));
    let bytes = builder.finish(SECOND);
    judge::agrees(&bytes);
    let mut out = Vec::new();
    dump::dump(&bytes, &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), LINES);
}

const LINES: &str = r#"0x000000 | 67 6f 20 31 2e 31 39 20 74 72 | header: a trace of Go 1.19
0x00000a | 61 63 65 00 00 00             |   ...
0x000010 | 41                            | Batch, 2 arguments
0x000011 | 00                            |   p = 0
0x000012 | 63                            |   ticks = 99
0x000013 | cd                            | GoCreate, 4 arguments, length follows
0x000014 | 04                            |   length in bytes
0x000015 | 01                            |   tick +1 = 100
0x000016 | 01                            |   g = 1
0x000017 | 00                            |   stack of the new goroutine = 0
0x000018 | 00                            |   stack = 0
0x000019 | 8e                            | GoStart, 3 arguments
0x00001a | 01                            |   tick +1 = 101
0x00001b | 01                            |   g = 1
0x00001c | 01                            |   seq = 1
0x00001d | 25                            | String, 2 arguments
0x00001e | 01                            |   id = 1
0x00001f | 04                            |   4 bytes
0x000020 | 77 6f 72 6b                   |   "work"
0x000024 | ef                            | UserRegion, 5 arguments, length follows
0x000025 | 05                            |   length in bytes
0x000026 | 04                            |   tick +4 = 105
0x000027 | 05                            |   taskid = 5
0x000028 | 00                            |   mode = 0
0x000029 | 01                            |   typeid = 1 "work"
0x00002a | 01                            |   stack = 1
0x00002b | f0                            | UserLog, 4 arguments, length follows
0x00002c | 04                            |   length in bytes
0x00002d | 01                            |   tick +1 = 106
0x00002e | 05                            |   id = 5
0x00002f | 01                            |   keyid = 1 "work"
0x000030 | 00                            |   stack = 0
0x000031 | 04                            |   message, 4 bytes
0x000032 | 64 6f 6e 65                   |   "done"
0x000036 | f1                            | CPUSample, 5 arguments, length follows
0x000037 | 0f                            |   length in bytes
0x000038 | ab 02                         |   tick +299 = 405
0x00003a | 69                            |   ts = 105
0x00003b | ff ff ff ff ff ff ff ff ff 01 |   p = none
0x000045 | 01                            |   g = 1
0x000046 | 00                            |   stack = 0
0x000047 | 02                            | Frequency, 1 argument
0x000048 | 80 94 eb dc 03                |   freq = 1000000000
0x00004d | 41                            | Batch, 2 arguments
0x00004e | 00                            |   p = 0
0x00004f | 96 03                         |   ticks = 406
0x000051 | 25                            | String, 2 arguments
0x000052 | 02                            |   id = 2
0x000053 | 06                            |   6 bytes
0x000054 | 6d 61 69 6e 2e 66             |   "main.f"
0x00005a | 25                            | String, 2 arguments
0x00005b | 03                            |   id = 3
0x00005c | 07                            |   7 bytes
0x00005d | 6d 61 69 6e 2e 67 6f          |   "main.go"
0x000064 | c3                            | Stack, 6 arguments, length follows
0x000065 | 07                            |   length in bytes
0x000066 | 01                            |   id = 1
0x000067 | 01                            |   frames = 1
0x000068 | b4 24                         |   pc = 0x1234
0x00006a | 02                            |     function = 2 "main.f"
0x00006b | 03                            |     file = 3 "main.go"
0x00006c | 07                            |     line = 7
"#;
