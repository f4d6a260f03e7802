//! Section 1: the ring. The model runs all of it; these are the numbers that Go gives it, what
//! it cannot have (a ring that is nil), and what is said of Go's text itself.

use super::{facts, hold};

/// Guards R1.2, R2.1, R2.2, R2.3, R3.2, R6.1, R11.4, R13.3.
#[test]
fn sizes_and_what_kills_the_program() {
    hold(facts! {
        "R1.2" ALL "runtime/cpuprof.go" "func SetCPUProfileRate": "newProfBuf(1, profBufWordCount, profBufTagCount)";
        "R1.2" V1 "runtime/trace.go" "func StartTrace": "newProfBuf(2, profBufWordCount, profBufTagCount)";
        "R2.1" ALL "runtime/profbuf.go" "func newProfBuf": "min := 2 + hdrsize + 1; bufwords < min { bufwords = min }";
        "R2.2" ALL "runtime/profbuf.go" "func newProfBuf": "bufwords >= 1<<28 || tags >= 1<<28 { throw(", "i < bufwords; i <<= 1", "i < tags; i <<= 1";
        "R2.3" ALL "runtime/cpuprof.go" "profBufWordCount": "= 1 << 17";
        "R2.3" ALL "runtime/cpuprof.go" "profBufTagCount": "= 1 << 14";
        "R3.2" ALL "runtime/profbuf.go" "func countSub": "int(int32(x-y) << 2 >> 2)";
        "R6.1" ALL "runtime/profbuf.go" "func (*profBuf) write": "b == nil { return }", "len(hdr) > int(b.hdrsize) { throw(";
        "R11.4" ALL "runtime/profbuf.go" "func (*profBuf) read": "ntag == 0 { throw(", "> uintptr(len(data)) { throw(";
        "R13.3" ALL "runtime/profbuf.go" "func (*profBuf) read": "b == nil { return nil, nil, true }";
        "R13.3" ALL "runtime/profbuf.go" "func (*profBuf) write": "len(stk)", "not: eof";
    });
}

/// Guards R12.4, R12.5, R13.4, R14.1, R14.2.
#[test]
fn looks_flags_and_wakeups() {
    hold(facts! {
        "R12.4" ALL "runtime/profbuf.go" "func (*profBuf) read": "bw := b.w.load()", "b.eof", "> 0 { return nil, nil, true }";
        "R12.5" ALL "runtime/profbuf.go" "func (*profBuf) read": "bw := b.w.load()", "if b.hasOverflow() {", "b.takeOverflow()";
        "R13.4" ALL "runtime/os_darwin.go" "func semawakeup": "pthread_mutex_lock(&mp.mutex)";
        "R13.4" ALL "runtime/os_darwin.go" "func semasleep": "pthread_mutex_lock(&mp.mutex)";
        "R13.4" SINCE_1_22 "runtime/os_darwin.go" "func semawakeup": "g == g.m.gsignal { throw(", "pthread_mutex_lock";
        "R14.1" UP_TO_1_24 "runtime/profbuf.go" "func (*profBuf) wakeupExtra": "old | profWriteExtra", "old&profReaderSleeping != 0 { notewakeup(", "not: &^";
        "R14.2" SINCE_1_26 "runtime/profbuf.go" "func (*profBuf) wakeupExtra": "old | profWriteExtra", "new &^= profReaderSleeping", "notewakeup(";
        "R14.2" SINCE_1_26 "runtime/profbuf.go" "func (*profBuf) write": "wakeupThreshold := len(b.data) / 2", "unread < wakeupThreshold {", "new |= old & profReaderSleeping", "unread >= wakeupThreshold &&";
    });
}
