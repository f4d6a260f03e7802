//! Sections 3 and 4: from the handler into the trace, and what the tracer writes.

use super::{facts, hold};

/// Guards R30.1, R30.2, R31.1, R31.2, R32.1, R32.2, R32.3.
#[test]
fn the_handler() {
    hold(facts! {
        "R30.1" V1 "runtime/trace.go" "func traceCPUSample": "if !trace.enabled { return }", "trace.signalLock";
        "R30.2" V1 "runtime/trace.go" "func traceCPUSample": "now := ", "trace.signalLock", "log.write(nil,", "now";
        "R31.1" V1 "runtime/trace.go" "func traceCPUSample": "hdr[0] = uint64(pp.id)<<1 | 0b1", "hdr[0] = 0b10";
        "R31.2" V1 "runtime/trace.go" "func traceCPUSample": "if gp != nil { hdr[1] =", "gp.goid";
        "R32.1" V1 "runtime/trace.go" "func traceCPUSample": "trace.signalLock.CompareAndSwap(0, 1) { osyield()";
        "R32.1" V1 "runtime/trace.go" "func StartTrace": "cpuLogWrite", "not: signalLock";
        "R32.1" V1 "runtime/trace.go" "func StopTrace": "cpuLogWrite", "not: signalLock";
        "R32.2" V1 "runtime/trace.go" "func traceCPUSample": "trace.signalLock.CompareAndSwap", "log := (*profBuf)(atomic.Loadp(unsafe.Pointer(&trace.cpuLogWrite))); log != nil {", "trace.signalLock.Store(0)";
        "R32.3" V1 "runtime/trace.go" "func traceCPUSample": "log.write(nil,";
    });
}

/// Guards R33.1, R33.2, R33.3, R33.4, R33.5, R34.1, R34.2, R34.3, R34.4.
#[test]
fn start_and_stop() {
    hold(facts! {
        "R33.1" V1 "runtime/trace.go" "func StartTrace": "stopTheWorldGC(", "lock(&sched.sysmonlock)", "lock(&trace.bufLock)", "newProfBuf(2,", "trace.cpuLogRead = profBuf", "atomicstorep(unsafe.Pointer(&trace.cpuLogWrite)", "traceGoStart()", "trace.enabled = true";
        "R33.2" V1 "runtime/trace.go" "func StartTrace": "forEachG", "status != _Gdead {", "traceEvGoCreate", "status == _Gwaiting {", "traceEvGoWaiting", "status == _Gsyscall {", "traceEvGoInSyscall", "traceProcStart()", "traceGoStart()", "= cputicks()", "= nanotime()";
        "R33.3" GO_1_21 "runtime/trace.go" "func StartTrace": "status == _Gdead && gp.m != nil && gp.m.isextra {", "traceEvGoCreate", "traceEvGoInSyscall", "trace.enabled = true", "traceHeapGoal()";
        "R33.3" GO_1_19 "runtime/trace.go" "func StartTrace": "traceEvGoCreate", "not: isextra", "not: traceHeapGoal";
        "R33.4" V1 "runtime/trace.go" "func StartTrace": "trace.enabled = true", "traceAcquireBuffer()", "gcMarkWorkerModeStrings", "traceString(bufp, pid, label)";
        "R33.5" V1 "runtime/trace.go" "func StartTrace": "if trace.enabled || trace.shutdown {", "return errorString(";
        "R33.5" GO_1_22 "runtime/trace2.go" "func StartTrace": "if traceEnabled() || traceShuttingDown() { return errorString(";
        "R33.5" SINCE_1_26 "runtime/trace.go" "func StartTrace": "if traceEnabled() || traceShuttingDown() { return errorString(";
        "R34.1" V1 "runtime/trace.go" "func StopTrace": "stopTheWorldGC(", "lock(&sched.sysmonlock)", "lock(&trace.bufLock)", "if !trace.enabled {", "startTheWorldGC() return", "traceGoSched()";
        "R34.2" V1 "runtime/trace.go" "func StopTrace": "traceGoSched()", "atomicstorep(unsafe.Pointer(&trace.cpuLogWrite), nil)", "trace.cpuLogRead.close()", "traceReadCPU()";
        "R34.3" V1 "runtime/trace.go" "func StopTrace": "traceReadCPU()", "allp[:cap(allp)]", "traceFullQueue(buf)", "buf := trace.buf", "pos != 0 { traceFullQueue(buf)", "buf := trace.cpuLogBuf", "pos != 0 { traceFullQueue(buf)";
        "R34.4" V1 "runtime/trace.go" "func StopTrace": "trace.cpuLogBuf", "= cputicks()", "nanotime()", "break", "osyield()", "trace.enabled = false", "trace.shutdown = true", "startTheWorldGC()", "semacquire(&trace.shutdownSema)", "trace.cpuLogRead = nil";
    });
}

/// Guards R36.1, R36.2, R36.3, R36.4, R37.1, R37.2, R37.3, R37.4, R37.5.
#[test]
fn reading_and_draining() {
    hold(facts! {
        "R36.1" GO_1_19 "runtime/trace.go" "func ReadTrace": "trace.reading; buf != 0 {", "!trace.headerWritten {", "go 1.19 trace", "traceFullDequeue()", "!trace.footerWritten {", "traceEvFrequency", "if trace.shutdown {", "return nil";
        "R36.1" GO_1_21 "runtime/trace.go" "func readTrace0": "trace.reading; buf != 0 {", "!trace.headerWritten {", "go 1.21 trace", "traceFullDequeue()", "!trace.footerWritten {", "traceEvFrequency", "if trace.shutdown {", "return nil, false";
        "R36.2" GO_1_19 "runtime/trace.go" "func ReadTrace": "lock(&trace.lock)", "!trace.headerWritten {", "return []byte(", "if !trace.footerWritten && !trace.shutdown { traceReadCPU() }";
        "R36.2" GO_1_21 "runtime/trace.go" "func readTrace0": "if !trace.footerWritten && !trace.shutdown { traceReadCPU() }", "lock(&trace.lock)", "!trace.headerWritten {";
        "R36.3" GO_1_19 "runtime/trace.go" "func ReadTrace": "trace.fullHead == 0 && !trace.shutdown {", "goparkunlock(";
        "R36.3" GO_1_19 "runtime/trace.go" "func traceReaderAvailable": "trace.fullHead != 0 || trace.shutdown", "not: cpuLog";
        "R36.3" GO_1_21 "runtime/trace.go" "func traceReaderAvailable": "trace.fullHead != 0 || trace.shutdown", "not: cpuLog";
        "R36.4" GO_1_19 "runtime/trace.go" "func ReadTrace": "traceReadCPU()", "goparkunlock(", "traceFullDequeue()", "not: goto";
        "R36.4" GO_1_21 "runtime/trace.go" "func ReadTrace": "top:", "readTrace0()", "gopark(", "goto top";
        "R37.1" V1 "runtime/trace.go" "func traceReadCPU": "for {", "read(profBufNonBlocking)", "if len(data) == 0 { break }", "len(data) < 4 || data[0] > uint64(len(data)) { break", "data[0] < 4", "len(tags) < 1 { break";
        "R37.2" V1 "runtime/trace.go" "func traceReadCPU": "len(stk) == 1 && data[2] == 0 && data[3] == 0", "data = data[data[0]:]", "{ continue }";
        "R37.3" V1 "runtime/trace.go" "func traceReadCPU": "data[2] >> 1", "(data[2] & 0b1) != 0; !hasP { ppid = ^uint64(0) }";
        "R37.4" V1 "runtime/trace.go" "func traceReadCPU": "trace.stackTab.put(", "traceEventLocked(0, nil, 0, bufp, traceEvCPUSample";
        "R37.5" V1 "runtime/trace.go" "func traceReadCPU": "bufp := &trace.cpuLogBuf", "traceFlush(*bufp, 0)", "traceEventLocked(0, nil, 0, bufp,";
    });
}

/// Guards R43.1, R43.2, R43.3, R43.4, R43.5, R43.6, R43.7.
#[test]
fn generations() {
    hold(facts! {
        "R43.1" GO_1_22 "runtime/trace2cpu.go" "func traceCPUSample": "if mp == nil { return }", "var hdr [3]uint64", "hdr[2] = uint64(mp.procid)";
        "R43.1" SINCE_1_26 "runtime/tracecpu.go" "func traceCPUSample": "if mp == nil { return }", "var hdr [3]uint64", "hdr[2] = mp.procid";
        "R43.2" GO_1_22 "runtime/trace2cpu.go" "func traceCPUSample": "trace.cpuLogWrite[gen%2].Load()";
        "R43.2" SINCE_1_26 "runtime/tracecpu.go" "func traceCPUSample": "trace.cpuLogWrite[gen%2].Load()";
        "R43.3" GO_1_22 "runtime/trace2cpu.go" "func traceCPUSample": "seqlock.Load()%2 == 0 {", "seqlock.Add(1)", "trace.gen.Load()", "gen == 0 { if locked {", "seqlock.Add(1)", "traceClockNow()", "log.write(", "if locked {", "seqlock.Add(1)";
        "R43.3" GO_1_24 "runtime/tracecpu.go" "func traceCPUSample": "seqlock.Load()%2 == 0 {", "seqlock.Add(1)", "trace.gen.Load()", "gen == 0 { if locked {", "seqlock.Add(1)", "traceClockNow()", "log.write(", "if locked {", "seqlock.Add(1)";
        "R43.3" SINCE_1_26 "runtime/tracecpu.go" "func traceCPUSample": "!mp.trace.writing.Load() {", "writing.Store(true)", "trace.gen.Load()", "gen == 0 { if locked {", "writing.Store(false)", "traceClockNow()", "log.write(", "if locked {", "writing.Store(false)";
        "R43.4" GO_1_22 "runtime/trace2.go" "func traceAdvance": "trace.gen.Store(traceNextGen(gen))", "seqlock.Load()%2 != 0 {", "traceReadCPU(gen)";
        "R43.4" SINCE_1_26 "runtime/trace.go" "func traceAdvance": "trace.gen.Store(traceNextGen(gen))", "writing.Load() {", "traceReadCPU(gen)";
        "R43.5" GO_1_22 "runtime/trace2.go" "func traceAdvance": "trace.gen.Store(0)", "seqlock.Load()%2 != 0 {", "traceReadCPU(gen)", "if stopTrace {", "traceStopReadCPU()";
        "R43.5" SINCE_1_26 "runtime/trace.go" "func traceAdvance": "trace.gen.Store(0)", "writing.Load() {", "traceReadCPU(gen)", "if stopTrace {", "traceStopReadCPU()";
        "R43.5" SINCE_1_26 "runtime/tracecpu.go" "func traceStopReadCPU": "trace.cpuLogWrite[0].Store(nil)", "trace.cpuLogRead[0].close()";
        "R43.6" SINCE_1_26 "runtime/trace.go" "func traceAdvance": "gen := trace.gen.Load()", "if gen == 0 {", "return";
        "R43.7" SINCE_1_26 "runtime/tracecpu.go" "func traceStartReadCPU": "go func() {", "sleep(100_000_000)", "traceAcquire()", "traceReadCPU(tl.gen)", "traceRelease(tl)";
        "R43.7" SINCE_1_26 "runtime/tracecpu.go" "func traceReadCPU": "read(profBufNonBlocking)", "for len(data) > 0 {", "return !eof", "not: for {";
    });
}

/// Guards R38.1, R38.2, R38.5, R39.1, R39.2, R39.3, R40.2, R40.3, R40.4, R41.1, R41.2.
#[test]
fn events_and_buffers() {
    hold(facts! {
        "R38.1" V1 "runtime/trace.go" "func traceReadCPU": "traceEvCPUSample, stackID, 1,", "timestamp", "ppid, goid)";
        "R38.2" GO_1_19 "runtime/trace.go" "func traceReadCPU": "timestamp/traceTickDiv";
        "R38.2" GO_1_19 "runtime/trace.go" "func traceCPUSample": "now := cputicks()";
        "R38.2" GO_1_21 "runtime/trace.go" "func traceReadCPU": "traceEvCPUSample", "not: TimeDiv";
        "R38.2" GO_1_21 "runtime/trace.go" "func traceCPUSample": "now := traceClockNow()";
        "R38.5" V1 "runtime/trace.go" "func traceEventLocked": "maxSize := 2 + 5*traceBytesPerNumber + extraBytes", "len(buf.arr)-buf.pos < maxSize {", "traceFlush(";
        "R38.5" V1 "runtime/trace.go" "traceBytesPerNumber": "= 10";
        "R39.1" V1 "runtime/trace.go" "func traceEventLocked": "narg := byte(len(args))", "narg++", "narg > 3 { narg = 3 }", "buf.byte(ev | narg<<traceArgCountShift)";
        "R39.2" GO_1_19 "runtime/trace.go" "func traceEventLocked": "tickDiff == 0 { ticks = buf.lastTicks + 1 tickDiff = 1 }";
        "R39.2" GO_1_21 "runtime/trace.go" "func traceEventLocked": "ts <= buf.lastTime { ts = buf.lastTime + 1 }";
        "R39.3" GO_1_19 "runtime/trace.go" "func traceEventLocked": "tickDiff := ticks - buf.lastTicks", "buf.varint(tickDiff)";
        "R39.3" GO_1_21 "runtime/trace.go" "func traceEventLocked": "ts <= buf.lastTime {", "uint64(ts - buf.lastTime)";
        "R40.2" V1 "runtime/trace.go" "type traceBuf": "arr [64<<10 - unsafe.Sizeof(traceBufHeader{})]byte";
        "R40.2" V1 "runtime/trace.go" "type traceBufHeader": "link", "last", "pos", "stk", "[traceStackSize]uintptr }";
        "R40.2" V1 "runtime/trace.go" "traceStackSize": "= 128";
        "R40.3" V1 "runtime/trace.go" "traceGlobProc": "= -1";
        "R40.3" V1 "runtime/trace.go" "func traceAcquireBuffer": "traceGlobProc, &trace.buf";
        "R40.4" GO_1_19 "runtime/trace.go" "func traceFlush": "ticks == bufp.lastTicks { ticks = bufp.lastTicks + 1 }", "traceEvBatch", "uint64(pid)", "ticks)";
        "R40.4" GO_1_21 "runtime/trace.go" "func traceFlush": "ts <= bufp.lastTime { ts = bufp.lastTime + 1 }", "traceEvBatch";
        "R41.1" GO_1_19 "runtime/trace.go" "func ReadTrace": "data = append(data, traceEvFrequency|0<<traceArgCountShift)", "trace.stackTab.dump()", "return data";
        "R41.1" GO_1_21 "runtime/trace.go" "func readTrace0": "bufp := traceFlush(0, 0)", "traceEvFrequency", "trace.stackTab.dump(bufp)";
        "R41.2" GO_1_19 "runtime/trace.go" "func ReadTrace": "float64(trace.ticksEnd-trace.ticksStart) * 1e9 / float64(trace.timeEnd-trace.timeStart) / traceTickDiv", "uint64(freq)";
        "R41.2" GO_1_21 "runtime/trace.go" "func readTrace0": "(float64(trace.endTicks-trace.startTicks) / traceTimeDiv) / (float64(trace.endNanotime-trace.startNanotime) / 1e9)", "uint64(freq)";
    });
}

/// Our own reader meets such traces among random ones (`tests/judged/corpus/random.rs`).
///
/// Guards R62.5.
#[test]
fn a_state_that_was_used_up() {
    hold(facts! {
        "R62.5" V1 "internal/trace/order.go" "func transition": "!transitionReady(g, curr, init) { panic(";
    });
}

/// Guards R42.1, R42.2, R42.3, R42.4, R42.5, R42.7, R42.8, R42.9, R42.10, R42.11, R42.12, R42.13.
#[test]
fn stacks_and_strings() {
    hold(facts! {
        "R42.1" V1 "runtime/trace.go" "func (*traceStackTable) put": "len(pcs) == 0 { return 0 }", "tab.seq++", "stk.id = tab.seq";
        "R42.2" V1 "runtime/trace.go" "func (*traceStackTable) put": "memhash(", "int(hash % uintptr(len(tab.tab)))";
        "R42.2" GO_1_19 "runtime/trace.go" "func (*traceStackTable) dump": "range tab.tab {", "stk.link.ptr()";
        "R42.3" V1 "runtime/trace.go" "func (*traceStackTable) dump": "traceEvStack | 3<<traceArgCountShift";
        "R42.3" GO_1_19 "runtime/trace.go" "func (*traceStackTable) dump": "uint64(stk.id)", "uint64(len(frames))", "f.PC", "frame.funcID", "frame.fileID", "frame.line";
        "R42.4" GO_1_21 "runtime/trace.go" "func (*traceStackTable) dump": "buf.pos += traceBytesPerNumber", "buf.varintAt(lenPos,";
        "R42.5" GO_1_19 "runtime/trace.go" "func (*traceStackTable) dump": "traceFrameForPC(bufp, 0, f)", "traceEvStack";
        "R42.5" GO_1_21 "runtime/trace.go" "func (*traceStackTable) dump": "traceFrames(bufp,", "traceEvStack";
        "R42.7" V1 "runtime/trace.go" "func traceString": "s == \"\" { return 0, bufp }", "trace.stringSeq++", "id := trace.stringSeq";
        "R42.7" V1 "runtime/trace.go" "func StartTrace": "trace.stringSeq = 0";
        "R42.8" V1 "runtime/trace.go" "func traceFrameForPC": "maxLen = 1 << 10", "fn = fn[len(fn)-maxLen:]", "file = file[len(file)-maxLen:]";
        "R42.9" V1 "runtime/symtab.go" "func (*Frames) Next": "pc--", "PC: pc,";
        "R42.10" V1 "runtime/trace.go" "func traceStackID": "nstk > 0 { nstk--", "goid == 1 { nstk--";
        "R42.10" V1 "runtime/trace.go" "func traceReadCPU": "stackTab.put(", "not: nstk--";
        "R42.11" V1 "runtime/symtab.go" "func (*Frames) Next": "!funcInfo.valid() {", "cgoSymbolizer != nil {", "continue";
        "R42.12" GO_1_21 "runtime/symtab.go" "func (*Frames) Next": "funcNameForPrint(";
        "R42.13" V1 "runtime/trace.go" "func traceString": "room < slen+traceBytesPerNumber { slen = room }", "uint64(slen)";
    });
}
