package main

import (
	"go/ast"
	"reflect"
)

// slice is what is left of a function: the statements that mention something to keep, and what
// they stand in. A jump stays where anything beside it does; a function that returns something
// keeps its last return. An if that does nothing but return early goes: whether a trace is on is
// the scenario's to know. A statement of another shape that mentions something to keep is an error.
func slice(f *ast.FuncDecl, keep, drop []string) {
	list := f.Body.List
	s := slicer{keep, drop}
	f.Body.List = s.list(list)
	if len(f.Body.List) == 0 {
		fail(f.Pos(), "want some of what "+f.Name.Name+" is taken for, found none: its shape has changed")
	}
	if f.Type.Results != nil {
		f.Body.List = append(f.Body.List, list[len(list)-1])
	}
}

type slicer struct{ keep, drop []string }

func (s slicer) list(list []ast.Stmt) []ast.Stmt {
	var left []ast.Stmt
	hasMore := false
	for _, stmt := range list {
		_, isJump := stmt.(*ast.BranchStmt)
		if !isJump && !s.stmt(stmt) {
			continue
		}
		hasMore = hasMore || !isJump
		if withoutEnabled && isStore(stmt, "0") {
			left = append(left, stmt, flag(stmt, "false"))
		} else if withoutEnabled && isStore(stmt, "firstGen") {
			left = append(left, flag(stmt, "true"), stmt)
		} else {
			left = append(left, stmt)
		}
	}
	if !hasMore {
		return nil
	}
	return left
}

// stmt says whether a statement stays, of which less may be left.
func (s slicer) stmt(stmt ast.Stmt) bool {
	switch stmt := stmt.(type) {
	case *ast.IfStmt:
		if mentions(stmt.Cond, s.drop) {
			return false
		}
		isEarly := stmt.Else == nil && returns(stmt.Body.List)
		stmt.Body.List = s.list(stmt.Body.List)
		if stmt.Else != nil && !s.stmt(stmt.Else) {
			stmt.Else = nil
		}
		isKept := len(stmt.Body.List) > 0 || stmt.Else != nil
		if !isKept && !isEarly {
			s.goes(stmt, stmt.Init, stmt.Cond)
		}
		return isKept
	case *ast.BlockStmt:
		stmt.List = s.list(stmt.List)
		return len(stmt.List) > 0
	case *ast.ForStmt:
		stmt.Body.List = s.list(stmt.Body.List)
		if len(stmt.Body.List) == 0 {
			s.goes(stmt, stmt.Init, stmt.Cond, stmt.Post)
			return false
		}
		return true
	case *ast.ExprStmt:
		if body := literal(stmt); body != nil {
			body.List = s.list(body.List)
			return len(body.List) > 0
		}
		return mentions(stmt, s.keep) && !mentions(stmt, s.drop)
	case *ast.AssignStmt:
		return mentions(stmt, s.keep) && !mentions(stmt, s.drop)
	}
	s.goes(stmt, stmt)
	return false
}

// goes makes sure that a statement which goes has nothing to keep in these parts of it.
func (s slicer) goes(stmt ast.Stmt, parts ...ast.Node) {
	for _, part := range parts {
		if part == nil || reflect.ValueOf(part).IsNil() {
			continue
		}
		if mentions(part, s.keep) && !mentions(part, s.drop) {
			fail(stmt.Pos(), "mentions what it is taken for in a statement of a shape that is not known")
		}
	}
}

// returns says whether these statements end with a return.
func returns(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	_, ok := list[len(list)-1].(*ast.ReturnStmt)
	return ok
}

// literal is the body of the function that a statement calls, or has called.
func literal(stmt *ast.ExprStmt) *ast.BlockStmt {
	call, ok := stmt.X.(*ast.CallExpr)
	if !ok {
		return nil
	}
	for _, e := range append([]ast.Expr{call.Fun}, call.Args...) {
		if lit, ok := e.(*ast.FuncLit); ok {
			return lit.Body
		}
	}
	return nil
}

// mentions says whether one of these names, or of these fields of variables, is in a node.
func mentions(n ast.Node, names []string) bool {
	isIn := false
	ast.Inspect(n, func(n ast.Node) bool {
		name := ""
		switch n := n.(type) {
		case *ast.Ident:
			name = n.Name
		case *ast.SelectorExpr:
			name = field(n)
		}
		for _, of := range names {
			isIn = isIn || of == name
		}
		return !isIn
	})
	return isIn
}

// field is x.f for the field f of a variable x.
func field(e ast.Expr) string {
	if selector, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := selector.X.(*ast.Ident); ok {
			return x.Name + "." + selector.Sel.Name
		}
	}
	return ""
}

// isStore says whether a statement stores that in the generation.
func isStore(stmt ast.Stmt, what string) bool {
	expr, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := expr.X.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 || !mentions(call.Fun, []string{"trace.gen"}) {
		return false
	}
	switch arg := call.Args[0].(type) {
	case *ast.Ident:
		return arg.Name == what
	case *ast.BasicLit:
		return arg.Value == what
	}
	return false
}

// flag sets the tracer's flag.
func flag(at ast.Stmt, value string) ast.Stmt {
	f := &ast.FuncDecl{Body: &ast.BlockStmt{Lbrace: at.Pos()}}
	return say("trace.enabled = "+value, f)
}

// some leaves those fields of a struct that have these names.
func some(t *ast.StructType, names []string) {
	var left []*ast.Field
	for _, f := range t.Fields.List {
		f.Tag = nil
		if len(f.Names) == 0 {
			if ident, ok := f.Type.(*ast.Ident); ok && has(names, ident.Name) {
				left = append(left, f)
			}
			continue
		}
		var kept []*ast.Ident
		for _, name := range f.Names {
			if has(names, name.Name) {
				kept = append(kept, name)
			}
		}
		if f.Names = kept; len(kept) > 0 {
			left = append(left, f)
		}
	}
	t.Fields.List = left
}

func has(names []string, name string) bool {
	for _, of := range names {
		if of == name {
			return true
		}
	}
	return false
}

// structOf is the struct that a type or a variable is, nil if it is none.
func structOf(spec ast.Spec) *ast.StructType {
	var of ast.Expr
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		of = spec.Type
	case *ast.ValueSpec:
		of = spec.Type
	}
	if of == nil || reflect.ValueOf(of).IsNil() {
		return nil
	}
	t, _ := of.(*ast.StructType)
	return t
}
