//! Section 14: what the tracer of Go 1.22 and later writes.

use super::{facts, hold};

/// Guards R90.1, R90.2.
#[test]
fn batches() {
    hold(facts! {
        "R90.1" GO_1_22 "runtime/trace2buf.go" "func (traceWriter) refill": "traceBufFlush(w.traceBuf, w.gen)", "mID := ^uint64(0)", "w.byte(byte(traceEvEventBatch))", "w.varint(uint64(w.gen))", "w.varint(uint64(mID))", "w.varint(uint64(ts))", "w.varintReserve()";
        "R90.1" SINCE_1_26 "runtime/tracebuf.go" "func (traceWriter) refill": "traceBufFlush(w.traceBuf, w.gen)", "mID := ^uint64(0)", "tracev2.EvEventBatch", "w.varint(uint64(w.gen))", "w.varint(mID)", "w.varint(uint64(ts))", "w.varintReserve()";
        "R90.1" SINCE_1_26 "runtime/tracebuf.go" "func (*traceBuf) varintReserve": "buf.pos += traceBytesPerNumber";
        "R90.2" GO_1_22 "runtime/trace2time.go" "const traceTimeDiv": "(1-osHasLowResClockInt)*64";
        "R90.2" SINCE_1_26 "runtime/tracetime.go" "const traceTimeDiv": "(1-osHasLowResClockInt)*64";
        "R90.2" SINCE_1_26 "runtime/tracebuf.go" "func (traceWriter) refill": "if ts <= w.traceBuf.lastTime { ts = w.traceBuf.lastTime + 1 }";
        "R90.2" SINCE_1_26 "runtime/tracebuf.go" "func (traceWriter) event": "ts <= w.traceBuf.lastTime { ts = w.traceBuf.lastTime + 1 }";
    });
}

/// Guards R91.1, R91.2, R91.3, R92.1.
#[test]
fn statuses() {
    hold(facts! {
        "R91.1" GO_1_22 "runtime/trace2event.go" "func (traceLocker) eventWriter": "!pp.trace.statusWasTraced(tl.gen)", "writeProcStatus(", "!gp.trace.statusWasTraced(tl.gen)", "writeGoStatus(";
        "R91.1" SINCE_1_26 "runtime/traceevent.go" "func (traceLocker) eventWriter": "!pp.trace.statusWasTraced(tl.gen)", "writeProcStatus(", "!gp.trace.statusWasTraced(tl.gen)", "writeGoStatus(";
        "R91.2" SINCE_1_26 "runtime/traceruntime.go" "func (traceLocker) emitUnblockStatus": "writeGoStatus(gp.goid, -1, tracev2.GoWaiting,";
        "R91.2" SINCE_1_26 "runtime/traceruntime.go" "func (traceLocker) ProcSteal": "writeProcStatus(uint64(pp.id), tracev2.ProcSyscallAbandoned,";
        "R91.3" GO_1_22 "runtime/trace2status.go" "func (*traceSchedResourceState) readyNextGen": "r.seq[nextGen%2] = 0";
        "R91.3" SINCE_1_26 "runtime/tracestatus.go" "func (*traceSchedResourceState) readyNextGen": "r.seq[nextGen%2] = 0";
        "R91.3" SINCE_1_26 "runtime/trace.go" "func StartTrace": "trace.seqGC = 1";
        "R91.3" SINCE_1_26 "runtime/trace.go" "func traceAdvance": "not: seqGC";
        "R92.1" GO_1_22 "runtime/trace2runtime.go" "func (traceLocker) ProcSteal": "mStolenFrom := pp.trace.mSyscallID", "traceEvProcSteal, traceArg(pp.id), pp.trace.nextSeq(tl.gen), traceArg(mStolenFrom)";
        "R92.1" SINCE_1_26 "runtime/traceruntime.go" "func (traceLocker) ProcSteal": "mStolenFrom := pp.trace.mSyscallID", "EvProcSteal, traceArg(pp.id), pp.trace.nextSeq(tl.gen), traceArg(mStolenFrom)";
        "R92.1" SINCE_1_26 "runtime/traceruntime.go" "func (traceLocker) GoSysCall": "EvGoSyscallBegin, pp.trace.nextSeq(tl.gen)";
        "R92.1" SINCE_1_26 "runtime/traceruntime.go" "func (traceLocker) GoSysExit": "EvGoSyscallEnd", "if lostP {", "EvGoSyscallEndBlocked";
    });
}

/// Guards R94.1.
#[test]
fn the_start_of_a_trace() {
    hold(facts! {
        "R94.1" GO_1_22 "runtime/trace2.go" "func StartTrace": "traceRegisterLabelsAndReasons(firstGen)", "stopTheWorld(stwStartTrace)", "tl.Gomaxprocs(gomaxprocs)", "tl.STWStart(stwStartTrace)", "tl.GCActive()", "tl.HeapGoal()", "for _, pp := range allp { tl.writer().writeProcStatusForP(pp, pp == tl.mp.p.ptr()).end()", "not: forEachG";
        "R94.1" SINCE_1_26 "runtime/trace.go" "func StartTrace": "traceRegisterLabelsAndReasons(firstGen)", "stopTheWorld(stwStartTrace)", "traceSyncBatch(firstGen,", "tl.Gomaxprocs(gomaxprocs)", "tl.STWStart(stwStartTrace)", "tl.GCActive()", "tl.HeapGoal()", "not: writeProcStatusForP", "not: forEachG";
    });
}

/// Guards R95.1, R95.2, R95.3, R95.4, R96.1, R97.1.
#[test]
fn the_next_generation() {
    hold(facts! {
        "R95.1" GO_1_22 "runtime/trace2.go" "func traceAdvance": "forEachGRace(", "statusWasTraced(gen)", "untracedGs = append(", "trace.gen.Store(traceNextGen(gen))", "traceReadCPU(gen)", "forEachP(", "writeProcStatusForP(";
        "R95.1" SINCE_1_26 "runtime/trace.go" "func traceAdvance": "forEachGRace(", "statusWasTraced(gen)", "untracedGs = append(", "forEachP(", "writeProcStatusForP(", "trace.gen.Store(traceNextGen(gen))";
        "R95.2" GO_1_22 "runtime/trace2.go" "func traceAdvance": "traceRegisterLabelsAndReasons(traceNextGen(gen))", "trace.gen.Store(traceNextGen(gen))";
        "R95.2" SINCE_1_26 "runtime/trace.go" "func traceAdvance": "traceRegisterLabelsAndReasons(traceNextGen(gen))", "trace.gen.Store(traceNextGen(gen))";
        "R95.3" GO_1_22 "runtime/trace2.go" "func traceAdvance": "traceFrequency(gen)", "trace.gen.Store(traceNextGen(gen))", "tl.Gomaxprocs(gomaxprocs)", "tl.GCActive()", "seqlock.Load()%2 != 0 {", "traceBufFlush(*bufp, gen)", "writeGoStatus(", "traceReadCPU(gen)", "traceCPUFlush(gen)", "trace.stackTab[gen%2].dump(gen)", "trace.stringTab[gen%2].reset(gen)";
        "R95.3" SINCE_1_26 "runtime/trace.go" "func traceAdvance": "trace.gen.Store(traceNextGen(gen))", "traceSyncBatch(", "tl.Gomaxprocs(gomaxprocs)", "tl.GCActive()", "writing.Load() {", "traceBufFlush(buf, gen)", "writeGoStatus(", "traceReadCPU(gen)", "traceCPUFlush(gen)", "trace.stackTab[gen%2].dump(gen)", "trace.stringTab[gen%2].reset(gen)";
        "R95.4" GO_1_22 "runtime/trace2.go" "func traceAdvance": "unsafeTraceWriter(gen, nil)", "writeGoStatus(ug.goid, ug.mid, status, ug.inMarkAssist)";
        "R95.4" SINCE_1_26 "runtime/trace.go" "func traceAdvance": "unsafeTraceWriter(gen, nil)", "writeGoStatus(ug.goid, ug.mid, status, ug.inMarkAssist, ug.stackID)";
        "R96.1" GO_1_22 "runtime/trace2.go" "func StartTrace": "firstGen := traceNextGen(trace.lastNonZeroGen)";
        "R96.1" SINCE_1_26 "runtime/trace.go" "func StartTrace": "firstGen := traceNextGen(trace.lastNonZeroGen)";
        "R96.1" SINCE_1_26 "runtime/trace.go" "func traceAdvance": "trace.lastNonZeroGen = gen", "trace.gen.Store(0)";
        "R97.1" GO_1_22 "runtime/trace2.go" "const defaultTraceAdvancePeriod": "1e9";
        "R97.1" SINCE_1_26 "runtime/trace.go" "const defaultTraceAdvancePeriod": "1e9";
        "R97.1" SINCE_1_26 "runtime/trace.go" "func (*traceAdvancerState) start": "for traceEnabled() {", "sleep(int64(debug.traceadvanceperiod))", "traceAdvance(false)";
    });
}

/// Guards R98.1, R98.2, R98.3.
#[test]
fn the_flight_recorder() {
    hold(facts! {
        "R98.1" SINCE_1_26 "runtime/trace/recorder.go" "func (*recorder) endGeneration": "newRing := []rawGeneration{r.active}", "size := r.active.size", "uint64(size) > r.wantSize ||", ".minTime) > r.wantDur { break }", "size += r.ring[i].size";
        "R98.2" SINCE_1_26 "runtime/trace/flightrecorder.go" "func (*FlightRecorder) WriteTo": "runtime_traceAdvance(false)", "gens := fr.ring", "w.Write(fr.header[:])", "range gens {";
        "R98.3" SINCE_1_26 "runtime/trace/subscribe.go" "func (*traceMultiplexer) addedSubscriber": "if t.enabled.Load() {", "runtime_traceAdvance(false)", "t.startLocked()";
        "R98.3" SINCE_1_26 "runtime/trace/subscribe.go" "func (*traceMultiplexer) removingSubscriber": "runtime.StopTrace()", "runtime_traceAdvance(false)";
        "R98.3" SINCE_1_26 "runtime/trace/subscribe.go" "func (*traceMultiplexer) removedSubscriber": "runtime_traceAdvance(false)";
    });
}
