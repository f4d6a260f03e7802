//! Section 5: the profile, as `runtime/pprof` writes it and `internal/profile` reads it.

use super::{facts, hold};

/// Guards R50.1, R50.2, R50.3, R51.1, R51.2, R51.3, R51.4.
#[test]
fn from_records_to_counts() {
    hold(facts! {
        "R50.1" V1 "runtime/pprof/proto.go" "func (*profileBuilder) addCPUData": "!b.havePeriod {", "data[0] != 3 || data[2] == 0 {", "data = data[3:]", "tags = tags[1:]";
        "R50.2" V1 "runtime/pprof/proto.go" "func (*profileBuilder) addCPUData": "b.period = 1e9 / int64(data[2])";
        "R50.3" V1 "runtime/pprof/proto.go" "func (*profileBuilder) addCPUData": "len(data) < 3 || data[0] > uint64(len(data)) { return", "data[0] < 3", "len(tags) < 1 { return", "if len(tags) != 0 { return";
        "R50.3" V1 "runtime/pprof/pprof.go" "func profileWriter": "if eof { break }", "err != nil {", "panic(";
        "R51.1" V1 "runtime/pprof/proto.go" "func (*profileBuilder) addCPUData": "count := data[2]", "stk := data[3:data[0]]", "not: data[1]";
        "R51.2" V1 "runtime/pprof/proto.go" "func (*profileBuilder) addCPUData": "count == 0 && len(stk) == 1 {", "count = uint64(stk[0])", "(lostProfileEvent)";
        "R51.3" V1 "runtime/pprof/map.go" "func (*profMap) lookup": "len(e.stk) != len(stk) || e.tag != tag {", "e.stk[j] != uintptr(stk[j])";
        "R51.4" V1 "runtime/pprof/map.go" "func (*profMap) lookup": "m.last.nextAll = e", "m.last = e";
        "R51.4" V1 "runtime/pprof/proto.go" "func (*profileBuilder) build": "e := b.m.all; e != nil; e = e.nextAll";
    });
}

/// Guards R52.1, R52.2, R52.3, R52.4, R52.5, R52.6, R52.7, R52.8, R52.10, R52.11.
#[test]
fn what_is_written() {
    hold(facts! {
        "R52.1" V1 "runtime/pprof/proto.go" "func (*profileBuilder) build": "b.pb.strings(tagProfile_StringTable, b.strings)", "b.zw.Write(b.pb.data)";
        "R52.1" V1 "runtime/pprof/proto.go" "func newProfileBuilder": "gzip.NewWriterLevel(", "[]string{\"\"}";
        "R52.2" V1 "runtime/pprof/proto.go" "func (*profileBuilder) build": "tagProfile_SampleType, \"samples\", \"count\"", "tagProfile_SampleType, \"cpu\", \"nanoseconds\"", "tagProfile_PeriodType, \"cpu\", \"nanoseconds\"", "values[0] = e.count", "values[1] = e.count * b.period";
        "R52.3" V1 "runtime/pprof/protobuf.go" "func (*protobuf) uint64s": "if len(x) > 2 {", "b.length(tag", "for _, u := range x { b.uint64(tag, u)";
        "R52.3" V1 "runtime/pprof/protobuf.go" "func (*protobuf) int64s": "if len(x) > 2 {", "b.length(tag", "for _, u := range x { b.int64(tag, u)";
        "R52.4" V1 "runtime/pprof/proto.go" "func (*profileBuilder) build": "b.appendLocsForStack(", "b.pbSample(", "b.pbMapping(", "tagProfile_StringTable";
        "R52.5" V1 "runtime/pprof/proto.go" "func (*profileBuilder) emitLocation": "firstFrame := b.deck.frames[0]", "tagLocation_Address, uint64(firstFrame.PC)", "range b.deck.frames {", "tagLocation_Line";
        "R52.6" V1 "runtime/pprof/proto.go" "func allFrames": "frame.Function == \"runtime.goexit\" {", "return nil, 0";
        "R52.7" V1 "runtime/pprof/proto.go" "func (*profileBuilder) appendLocsForStack": "stk = runtime_expandFinalInlineFrame(stk)";
        "R52.8" GO_1_21 "runtime/pprof/proto.go" "func (*profileBuilder) emitLocation": "runtime_FrameSymbolName(&frame)";
        "R52.8" GO_1_19 "runtime/pprof/proto.go" "func (*profileBuilder) emitLocation": "b.funcs[frame.Function]", "not: SymbolName";
        "R52.10" GO_1_19 "runtime/pprof/proto.go" "func (*profileBuilder) build": "range *(*labelMap)(e.tag) {";
        "R52.10" GO_1_19 "runtime/pprof/label.go" "type labelMap": "map[string]string";
        "R52.10" GO_1_22 "runtime/pprof/label.go" "type labelMap": "map[string]string";
        "R52.10" GO_1_24 "runtime/pprof/proto.go" "func (*profileBuilder) build": "range (*labelMap)(e.tag).list {";
        "R52.11" UP_TO_1_24 "runtime/pprof/pprof.go" "func profileWriter": "for { time.Sleep(100 * time.Millisecond)", "readProfile()", "addCPUData(";
        "R52.11" GO_1_19 "runtime/cpuprof.go" "func runtime_pprof_readProfile": "log.read(profBufBlocking)";
        "R52.11" SINCE_1_21 "runtime/cpuprof.go" "func runtime_pprof_readProfile": "profBufBlocking", "GOOS == \"darwin\"", "profBufNonBlocking", "log.read(readMode)";
        "R52.11" SINCE_1_26 "runtime/pprof/pprof.go" "func profileWriter": "runtime.GOOS == \"darwin\"", "{ time.Sleep(100 * time.Millisecond) }", "readProfile()";
    });
}

/// Guards R52.12, R52.13, R52.14, R52.15.
#[test]
fn what_gos_reader_takes() {
    hold(facts! {
        "R52.12" V1 "internal/profile/profile.go" "func Parse": "orig[0] == 0x1f && orig[1] == 0x8b {", "gzip.NewReader(";
        "R52.12" V1 "internal/profile/proto.go" "func decodeMessage": "b.field >= len(dec) || dec[b.field] == nil { continue }";
        "R52.12" V1 "internal/profile/proto.go" "func checkType": "b.typ != typ { return errors.New(";
        "R52.13" V1 "internal/profile/profile.go" "func (*Profile) CheckValid": "len(s.Value) != sampleLen {", "m.ID == 0 {", "mappings[m.ID] != nil {", "f.ID == 0 {", "functions[f.ID] != nil {", "l.ID == 0 {", "locations[l.ID] != nil {";
        "R52.13" V1 "internal/profile/encode.go" "func (*Profile) postDecode": "l.Line[i].Function == nil {", "not found";
        "R52.14" V1 "internal/profile/encode.go" "func (*Profile) postDecode": "append(s.Location, locations[lid])";
        "R52.15" V1 "internal/profile/encode.go" "func (*Profile) postDecode": "if l.strX != 0 {", "labels[key] =", "else { numLabels[key] =";
    });
}
