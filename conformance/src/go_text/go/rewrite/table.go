package main

import (
	"go/ast"
	"go/parser"
	"go/token"
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
	// mark marks what the model does not do.
	mark func(*ast.FuncDecl)
}

// entered are functions that the program asks for whether they ran.
var entered = map[string]int{"profBuf.incrementOverflow": 1}

var texts = []text{
	{
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
	},
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
