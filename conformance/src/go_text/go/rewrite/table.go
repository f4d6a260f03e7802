package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
)

// A text is what is taken of one file of Go's runtime.
type text struct {
	name string
	want []decl
}

// A decl is a declaration that is taken.
type decl struct {
	name   string
	rename string
	// mark marks what the model does not do, or what a program wants to know.
	mark func(*ast.FuncDecl)
	// fields are those that are taken of a struct, if not all are; shape changes what is left.
	fields []string
	shape  func(*ast.StructType)
	// keep names what is taken of a function, if not all is, and drop what is not: see slice.
	keep, drop []string
}

// entered are functions of which the program asks whether they ran.
var entered = map[string]int{
	"profBuf.incrementOverflow": 1, "profBuf.write": 2, "cpuProfile.add": 3, "traceCPUSample": 4,
}

// points are fields that are words of the model's, though plain in Go: by the variable through
// which the text has them.
var pointFields = map[string]bool{
	"p.log": true, "p.numExtra": true, "p.lostExtra": true, "p.lostAtomic": true,
	"cpuprof.log": true, "cpuprof.numExtra": true, "cpuprof.lostExtra": true, "cpuprof.lostAtomic": true,
	"mp.profilehz": true, "prof.hz": true, "trace.enabled": true, "trace.cpuLogRead": true,
}

var ring = text{
	name: "profbuf.go",
	want: []decl{
		{name: "profBuf"}, {name: "profAtomic"}, {name: "profIndex"},
		{name: "profReaderSleeping"}, {name: "profWriteExtra"},
		{name: "profAtomic.load"}, {name: "profAtomic.store"}, {name: "profAtomic.cas"},
		{name: "profIndex.dataCount"}, {name: "profIndex.tagCount"}, {name: "countSub"},
		{name: "profIndex.addCountsAndClearFlags"},
		{name: "profBuf.hasOverflow"}, {name: "profBuf.takeOverflow", mark: markTakeOverflow},
		{name: "profBuf.incrementOverflow"},
		{name: "newProfBuf", rename: "newProfBufText"},
		{name: "profBuf.canWriteRecord"}, {name: "profBuf.canWriteTwoRecords"},
		{name: "profBuf.write", mark: markWrite}, {name: "profBuf.close"}, {name: "profBuf.wakeupExtra"},
		{name: "profBufReadMode"}, {name: "profBufBlocking"}, {name: "profBufNonBlocking"},
		{name: "overflowTag"}, {name: "profBuf.read"},
	},
}

var profile = []text{
	{name: "cpuprof.go", want: []decl{
		{name: "maxCPUProfStack"}, {name: "profBufWordCount"}, {name: "profBufTagCount"},
		{name: "cpuProfile", shape: lengthOfExtra}, {name: "cpuprof"}, {name: "SetCPUProfileRate"},
		{name: "cpuProfile.add"}, {name: "cpuProfile.addNonGo"}, {name: "cpuProfile.addExtra"},
	}},
	{name: "proc.go", want: []decl{{name: "prof"}, {name: "sigprof"}, {name: "setcpuprofilerate"}}},
	{name: "signal_unix.go", want: []decl{{name: "sigprofNonGo", mark: markNonGo}}},
	{name: "runtime2.go", want: []decl{
		{name: "m", fields: []string{
			"procid", "mallocing", "locks", "ncgo", "curg", "cgoCallersUse", "cgoCallers", "libcallpc",
			"libcallsp", "libcallg", "mWinLibcall", "vdsoSP", "vdsoPC", "preemptoff", "trace", "p", "profilehz", "alllink", "freelink",
		}},
		{name: "g", fields: []string{"m", "labels", "goid", "syscallpc", "syscallsp"}},
		{name: "p", fields: []string{"id"}},
	}},
}

var traceFields = []string{
	"enabled", "gen", "cpuLogRead", "cpuLogWrite", "signalLock", "cpuSleep", "cpuLogDone", "cpuBuf",
	"cpuLogBuf", "stackTab",
}

// tracer is the text of the tracer until Go 1.21.
var tracer = []text{
	{name: "trace.go", want: []decl{
		{name: "trace", fields: traceFields},
		{name: "traceCPUSample"}, {name: "traceReadCPU", mark: markOverflow},
		{name: "StartTrace", keep: []string{"profBuf", "trace.cpuLogRead", "trace.cpuLogWrite", "trace.enabled"}},
		{name: "StopTrace", keep: []string{"trace.cpuLogRead", "trace.cpuLogWrite", "traceReadCPU", "trace.enabled"}},
	}},
}

// tracer2 is that of Go 1.22 and later, whose files begin with this.
func tracer2(prefix string) []text {
	file := "trace.go"
	if prefix != "trace" {
		file = prefix + ".go"
	}
	return []text{
		{name: prefix + "cpu.go", want: []decl{
			{name: "traceInitReadCPU"}, {name: "traceStopReadCPU"},
			{name: "traceReadCPU", mark: markOverflow}, {name: "traceCPUSample"},
		}},
		{name: prefix + "runtime.go", want: []decl{
			{name: "mTraceState", fields: []string{"seqlock", "writing", "link"}, shape: guardOf},
		}},
		{name: file, want: []decl{
			{name: "trace", fields: traceFields, shape: hasEnabled}, {name: "traceNextGen"},
			{name: "StartTrace", keep: []string{"traceInitReadCPU", "trace.enabled", "trace.gen"}},
			{name: "traceAdvance",
				keep: []string{
					"trace.enabled", "trace.gen", "traceReadCPU", "traceStopReadCPU",
					"mToFlush", "prev", "mp.trace", "osyield",
				},
				drop: []string{"debugDeadlock", "traceBufFlush", "bufp"},
			},
		}},
	}
}

// texts are those of the runtime's source in that folder.
func texts(source string) []text {
	all := append([]text{ring}, profile...)
	for _, prefix := range []string{"trace", "trace2"} {
		if _, err := os.Stat(filepath.Join(source, prefix+"cpu.go")); err == nil {
			return append(all, tracer2(prefix)...)
		}
	}
	return append(all, tracer...)
}

// lengthOfExtra leaves the length of the array for foreign stacks to the program.
func lengthOfExtra(t *ast.StructType) {
	for _, field := range t.Fields.List {
		if array, ok := field.Type.(*ast.ArrayType); ok && field.Names[0].Name == "extra" {
			array.Len = nil
			return
		}
	}
	fail(t.Pos(), "want an array named extra, found none: its shape has changed")
}

// hasEnabled gives the tracer a flag: that of Go 1.22 has its generation for one.
func hasEnabled(t *ast.StructType) {
	for _, field := range t.Fields.List {
		if field.Names[0].Name == "enabled" {
			return
		}
	}
	flag := &ast.Field{Names: []*ast.Ident{ast.NewIdent("enabled")}, Type: ast.NewIdent("bool")}
	t.Fields.List = append(t.Fields.List, flag)
	withoutEnabled = true
}

// withoutEnabled is whether the text has no such flag, so that ours is kept beside the generation.
var withoutEnabled bool

// guard is how the goroutine that drains holds the guard of its M: the first field of what the
// tracer keeps of one.
var guard string

func guardOf(t *ast.StructType) {
	if len(t.Fields.List) == 0 || len(t.Fields.List[0].Names) == 0 {
		fail(t.Pos(), "want seqlock or writing, found neither: its shape has changed")
	}
	switch t.Fields.List[0].Names[0].Name {
	case "seqlock":
		guard = guardSource("mp.trace.seqlock.Load()%2 != 0", "mp.trace.seqlock.Add(1)", "mp.trace.seqlock.Add(1)")
	case "writing":
		guard = guardSource("mp.trace.writing.Load()", "mp.trace.writing.Store(true)", "mp.trace.writing.Store(false)")
	default:
		fail(t.Pos(), "want seqlock or writing first, found neither: its shape has changed")
	}
}

func guardSource(isHeld, raise, lower string) string {
	return "package main\n\n" +
		"func raise(mp *m) bool {\n\tif " + isHeld + " {\n\t\treturn true\n\t}\n\t" + raise + "\n\treturn false\n}\n\n" +
		"func lower(mp *m) { " + lower + " }\n"
}

// markNonGo leaves out the flag that guards the array of callers: a program has one of its own.
func markNonGo(f *ast.FuncDecl) {
	last := len(f.Body.List) - 1
	if last < 0 || !mentions(f.Body.List[last], []string{"sigprofCallersUse"}) {
		fail(f.Pos(), "want sigprofCallersUse at the end, found none: its shape has changed")
	}
	f.Body.List = f.Body.List[:last]
}

// markOverflow says what a drain passes over.
func markOverflow(f *ast.FuncDecl) {
	isMarked := false
	ast.Inspect(f, func(n ast.Node) bool {
		test, ok := n.(*ast.IfStmt)
		if !ok {
			return true
		}
		if name, ok := test.Cond.(*ast.Ident); ok && (name.Name == "isOverflowRecord" || name.Name == "empty") {
			test.Body.List = append([]ast.Stmt{say("overflowed(timestamp, stk)", f)}, test.Body.List...)
			isMarked = true
		}
		return true
	})
	if !isMarked {
		fail(f.Pos(), "want a test for an overflow record, found none: its shape has changed")
	}
}

// markWrite marks what write looks at and the model does not: all that the write of an overflow
// looks at before it writes, and the reader's place once more.
func markWrite(f *ast.FuncDecl) {
	i := find(f, f.Body.List, "br")
	marked := append([]ast.Stmt{say("defer engine.Descend()()", f)}, f.Body.List[:i]...)
	marked = append(marked, say("engine.Finer(true)", f), f.Body.List[i], say("engine.Finer(false)", f))
	f.Body.List = append(marked, f.Body.List[i+1:]...)
}

// markTakeOverflow marks the time that is read though nothing was dropped.
func markTakeOverflow(f *ast.FuncDecl) {
	mark := func(list []ast.Stmt) []ast.Stmt {
		i := find(f, list, "time")
		marked := append([]ast.Stmt{}, list[:i]...)
		marked = append(marked, say("engine.Finer(uint32(overflow) == 0)", f), list[i], say("engine.Finer(false)", f))
		return append(marked, list[i+1:]...)
	}
	f.Body.List = mark(f.Body.List)
	for _, s := range f.Body.List {
		if loop, ok := s.(*ast.ForStmt); ok {
			loop.Body.List = mark(loop.Body.List)
			return
		}
	}
	fail(f.Pos(), "want a loop in takeOverflow, found none: its shape has changed")
}

// find is the place of the statement that sets a variable by a call.
func find(f *ast.FuncDecl, list []ast.Stmt, name string) int {
	for i, s := range list {
		if assign, ok := s.(*ast.AssignStmt); ok && len(assign.Lhs) == 1 {
			left, isIdent := assign.Lhs[0].(*ast.Ident)
			_, isCall := assign.Rhs[0].(*ast.CallExpr)
			if isIdent && isCall && left.Name == name {
				return i
			}
		}
	}
	fail(f.Pos(), "want "+name+" set by a call in "+nameOf(f)+", found none: its shape has changed")
	return 0
}

// say is a statement of ours.
func say(text string, f *ast.FuncDecl) ast.Stmt {
	source := "package p\nfunc f() {\n" + text + "\n}"
	file, err := parser.ParseFile(token.NewFileSet(), "", source, 0)
	if err != nil {
		failed(err)
	}
	s := file.Decls[0].(*ast.FuncDecl).Body.List[0]
	ast.Inspect(s, func(n ast.Node) bool {
		if ident, ok := n.(*ast.Ident); ok {
			ident.NamePos = f.Body.Lbrace
		}
		return true
	})
	return s
}
