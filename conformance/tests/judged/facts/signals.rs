//! Section 2: signals and the profiler. What the model and the simulator do of it has tests
//! of its own there.

use super::{facts, hold};

/// Guards R20.1, R20.2, R20.3, R20.4, R21.1, R21.2.
#[test]
fn the_rate() {
    hold(facts! {
        "R20.1" ALL "runtime/cpuprof.go" "func SetCPUProfileRate": "hz > 1000000 { hz = 1000000 }", "hz > 0", "else if cpuprof.on";
        "R20.2" ALL "runtime/cpuprof.go" "func SetCPUProfileRate": "if cpuprof.on || cpuprof.log != nil {", "print(", "return";
        "R20.3" ALL "runtime/cpuprof.go" "func SetCPUProfileRate": "newProfBuf(1, profBufWordCount, profBufTagCount)", "hdr := [1]uint64{uint64(hz)}", "log.write(nil, nanotime(), hdr[:], nil)", "setcpuprofilerate(int32(hz))";
        "R20.4" ALL "runtime/cpuprof.go" "func SetCPUProfileRate": "setcpuprofilerate(0)", "cpuprof.on = false", "cpuprof.addExtra()", "cpuprof.log.close()";
        "R20.4" ALL "runtime/cpuprof.go" "func runtime_pprof_readProfile": "len(data) == 0 && eof", "cpuprof.log = nil";
        "R21.1" ALL "runtime/proc.go" "func setcpuprofilerate": "locks++", "setThreadCPUProfiler(0)", "prof.signalLock", "osyield()", "hz {", "setProcessCPUProfiler(hz)", "prof.signalLock", "sched.profilehz = hz", "if hz != 0 { setThreadCPUProfiler(hz) }", "locks--";
        "R21.2" ALL "runtime/proc.go" "func execute": "hz := sched.profilehz", ".profilehz != hz { setThreadCPUProfiler(hz) }";
        "R21.2" ALL "runtime/cgocall.go" "func cgocallbackg1": "hz := sched.profilehz", ".profilehz != hz { setThreadCPUProfiler(hz) }";
    });
}

/// Guards R22.1, R22.2, R23.1, R23.2, R26.
#[test]
fn the_handler() {
    hold(facts! {
        "R22.1" ALL "runtime/proc.go" "func sigprof": "if prof.hz", "== 0 { return }", "mp.profilehz == 0 { return }", "var stk";
        "R22.2" ALL "runtime/proc.go" "func sigprof": "\"mips\"", "\"arm\" {", "/atomic\") { cpuprof.lostAtomic++ return }";
        "R23.1" GO_1_19 "runtime/proc.go" "func sigprof": "gentraceback(", "if prof.hz", "!= 0 {", "cpuprof.add(tagPtr, stk[:n])", "traceCPUSample(";
        "R23.1" SINCE_1_21 "runtime/proc.go" "func sigprof": "tracebackPCs(", "if prof.hz", "!= 0 {", "cpuprof.add(tagPtr, stk[:n])", "traceCPUSample(";
        "R23.2" ALL "runtime/cpuprof.go" "func (*cpuProfile) add": "prof.signalLock", "log.write(", "prof.signalLock", "not: trace";
        "R23.2" V1 "runtime/trace.go" "func traceCPUSample": "trace.signalLock", "log.write(", "trace.signalLock", "not: prof.";
        "R26" ALL "runtime/cpuprof.go" "func (*cpuProfile) add": "prof.signalLock", "osyield()", "if prof.hz", "!= 0 {", "p.numExtra > 0 || p.lostExtra > 0 || p.lostAtomic > 0 { p.addExtra() }", "hdr := [1]uint64{1}", "log.write(tagPtr, nanotime(), hdr[:], stk)", "prof.signalLock";
    });
}

/// Guards R24.1, R24.2, R24.3, R24.4, R24.5, R25.1, R25.2, R25.3.
#[test]
fn what_a_sample_says() {
    hold(facts! {
        "R24.1" ALL "runtime/cpuprof.go" "maxCPUProfStack": "= 64";
        "R24.1" ALL "runtime/proc.go" "func sigprof": "stk [maxCPUProfStack]uintptr", "if n <= 0 {", "n = 2";
        "R24.2" ALL "runtime/proc.go" "func sigprof": "if n <= 0 {", "n = 2", "if inVDSOPage(pc) {", "(_VDSO)", "pc > firstmoduledata.etext {", "(_ExternalCode)", "stk[0] = pc", "mp.preemptoff != \"\" {", "(_GC)", "else", "(_System)";
        "R24.3" ALL "runtime/proc.go" "func sigprof": "stk[0] = pc", "stk[1] = abi.FuncPCABIInternal(_GC)", "stk[1] = abi.FuncPCABIInternal(_System)", "not: stk[1] = abi.FuncPCABIInternal(_E", "not: stk[1] = abi.FuncPCABIInternal(_V";
        "R24.4" GO_1_19 "runtime/proc.go" "func sigprof": "gentraceback(pc, sp, lr", "if n <= 0 {", "gentraceback(mp.libcallpc", "gentraceback(mp.vdsoPC", "n = 2";
        "R24.4" GO_1_21 "runtime/proc.go" "func sigprof": "initAt(mp.libcallpc", "initAt(mp.vdsoPC", "initAt(pc, sp, lr", "tracebackPCs(", "if n <= 0 { n = 2";
        "R24.5" V1 "runtime/proc.go" "func sigprof": "mp.ncgo > 0 && mp.curg != nil", "mp.cgoCallers[0] != 0", "copy(stk[:], mp.cgoCallers[:cgoOff])", "(mp.curg.syscallpc";
        "R25.1" ALL "runtime/proc.go" "func sigprof": "gprof := gp", "gp.m.curg != nil { gprof = gp.m.curg }", "traceCPUSample(gprof";
        "R25.2" ALL "runtime/proc.go" "func sigprof": "var pp *p", "pp = gp.m.p.ptr()", "pp, stk[:n])";
        "R25.3" ALL "runtime/proc.go" "func sigprof": "gp.m.curg != nil { tagPtr = &gp.m.curg.labels }", "cpuprof.add(tagPtr";
    });
}

/// Guards R27.1, R27.2, R27.3, R27.4, R27.5, R28.1, R28.2, R28.3.
#[test]
fn foreign_threads_and_foreign_signals() {
    hold(facts! {
        "R27.1" ALL "runtime/cpuprof.go" "type cpuProfile": "extra [1000]uintptr";
        "R27.1" ALL "runtime/cpuprof.go" "func (*cpuProfile) addNonGo": "prof.signalLock", "numExtra+1+len(stk) < len(cpuprof.extra) {", "uintptr(1 + len(stk))", "else { cpuprof.lostExtra++ }", "prof.signalLock";
        "R27.2" ALL "runtime/signal_unix.go" "func sigprofNonGoPC": "pc,", "(_ExternalCode)", "addNonGo(stk)";
        "R27.3" ALL "runtime/cpuprof.go" "func (*cpuProfile) addExtra": "hdr := [1]uint64{1}", "log.write(nil, 0, hdr[:], ", "p.numExtra = 0", "p.lostExtra > 0", "(_LostExternalCode)", "(_ExternalCode)", "p.lostExtra = 0", "p.lostAtomic > 0", "(_LostSIGPROFDuringAtomic64)", "(_System)", "p.lostAtomic = 0";
        "R27.4" ALL "runtime/signal_unix.go" "func sigprofNonGo": "addNonGo(", "not: trace";
        "R27.4" ALL "runtime/signal_unix.go" "func sigprofNonGoPC": "addNonGo(", "not: trace";
        "R27.4" ALL "runtime/cpuprof.go" "func (*cpuProfile) addExtra": "p.log.write(", "not: trace";
        "R27.5" ALL "runtime/signal_unix.go" "func sigprofNonGo": "if prof.hz", "addNonGo(";
        "R27.5" ALL "runtime/signal_unix.go" "func sigprofNonGoPC": "if prof.hz", "addNonGo(";
        "R27.5" ALL "runtime/cpuprof.go" "func (*cpuProfile) addNonGo": "prof.signalLock", "not: prof.hz";
        "R27.5" ALL "runtime/cpuprof.go" "func (*cpuProfile) addExtra": "p.log.write(", "not: signalLock";
        "R28.1" ALL "runtime/os_linux.go" "func validSIGPROF": "setitimer := code == _SI_KERNEL", "timer_create := code == _SI_TIMER", "mp == nil {", "return setitimer", "mp.profileTimerValid", "return timer_create", "return setitimer";
        "R28.2" ALL "runtime/os_linux.go" "func validSIGPROF": "!(setitimer || timer_create) {", "return true";
        "R28.3" ALL "runtime/signal_unix.go" "func sighandler": "delayedSignal := *cgo_yield != nil", "if !delayedSignal && validSIGPROF(mp, c) { sigprof(";
    });
}
