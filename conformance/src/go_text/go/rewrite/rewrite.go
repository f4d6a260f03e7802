package main

import (
	"go/ast"
	"go/token"
	"reflect"
)

var (
	expression = reflect.TypeOf((*ast.Expr)(nil)).Elem()
	statement  = reflect.TypeOf((*ast.Stmt)(nil)).Elem()
)

// points makes every use of a plain word a call of the engine.
func points(body *ast.BlockStmt) {
	walk(reflect.ValueOf(body))
}

// walk goes through all that a node is made of, and puts in place what has changed.
func walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Ptr:
		if v.IsNil() || v.Type() == reflect.TypeOf((*ast.Object)(nil)) || v.Type() == reflect.TypeOf((*ast.Scope)(nil)) {
			return
		}
		walk(v.Elem())
	case reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem())
		}
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			put(v.Field(i))
		}
	case reflect.Slice:
		for i := 0; i < v.Len(); i++ {
			put(v.Index(i))
		}
	}
}

func put(field reflect.Value) {
	switch {
	case !field.CanSet():
	case field.Type() == expression && !field.IsNil():
		field.Set(reflect.ValueOf(value(field.Interface().(ast.Expr))))
	case field.Type() == statement && !field.IsNil():
		field.Set(reflect.ValueOf(act(field.Interface().(ast.Stmt))))
	default:
		walk(field)
	}
}

// value is an expression, each plain word in it read through the engine.
func value(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			place(e.X)
			return e
		}
	case *ast.IndexExpr:
		place(e)
		return engine(e.Pos(), "R", address(e))
	case *ast.SelectorExpr:
		if isPoint(e) {
			return engine(e.Pos(), "R", address(e))
		}
	case *ast.SliceExpr:
		place(e.X)
		for _, bound := range []*ast.Expr{&e.Low, &e.High, &e.Max} {
			if *bound != nil {
				*bound = value(*bound)
			}
		}
		return e
	case *ast.ArrayType, *ast.FuncType, *ast.StructType, *ast.InterfaceType, *ast.MapType, *ast.ChanType:
		return e
	case *ast.CallExpr:
		if method, ok := e.Fun.(*ast.SelectorExpr); ok && has(methodsOfWords, method.Sel.Name) {
			place(method.X)
			e.Args = values(e.Args)
			return e
		}
		if name, ok := e.Fun.(*ast.Ident); ok {
			switch name.Name {
			case "len", "cap", "new", "make":
				for _, arg := range e.Args {
					place(arg)
				}
				return e
			case "copy":
				return engine(e.Pos(), "Copy", values(e.Args)...)
			case "clear":
				return engine(e.Pos(), "ClearAll", values(e.Args)...)
			}
		}
	}
	walk(reflect.ValueOf(e))
	return e
}

// methodsOfWords are methods of words of an array, by its place.
var methodsOfWords = []string{"Load", "Store", "Add", "CompareAndSwap", "put"}

func values(args []ast.Expr) []ast.Expr {
	for i := range args {
		args[i] = value(args[i])
	}
	return args
}

// place is an expression that is written to, or whose address is taken: what it is found by is
// read, it itself is not.
func place(e ast.Expr) {
	switch e := e.(type) {
	case *ast.IndexExpr:
		place(e.X)
		e.Index = value(e.Index)
	case *ast.SelectorExpr:
		place(e.X)
	case *ast.ParenExpr:
		place(e.X)
	case *ast.StarExpr:
		e.X = value(e.X)
	case *ast.Ident:
	default:
		walk(reflect.ValueOf(e))
	}
}

// isPoint says whether a field is a word of the model's. Those that are atomic in this text are
// points by their own methods.
func isPoint(e *ast.SelectorExpr) bool {
	name := field(e)
	return pointFields[name] && !isAtomic[name]
}

// isAtomic are fields of which the text calls methods.
var isAtomic = map[string]bool{}

// noteAtomics finds these.
func noteAtomics(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		if method, ok := n.(*ast.SelectorExpr); ok && has(methodsOfWords, method.Sel.Name) {
			isAtomic[field(method.X)] = true
		}
		return true
	})
}

func isWord(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.IndexExpr:
		return true
	case *ast.SelectorExpr:
		return isPoint(e)
	case *ast.StarExpr:
		_, isConversion := e.X.(*ast.CallExpr)
		return isConversion
	}
	return false
}

// act is a statement, each plain word that it sets set through the engine.
func act(s ast.Stmt) ast.Stmt {
	switch s := s.(type) {
	case *ast.AssignStmt:
		if len(s.Lhs) == 1 && isWord(s.Lhs[0]) && s.Tok != token.DEFINE {
			right := value(s.Rhs[0])
			if s.Tok != token.ASSIGN {
				if operator[s.Tok] == 0 {
					fail(s.TokPos, "changes a word by "+s.Tok.String()+": this shape is not known")
				}
				was := engine(s.Pos(), "R", addressOf(s.Lhs[0]))
				right = &ast.BinaryExpr{X: was, OpPos: s.TokPos, Op: operator[s.Tok], Y: &ast.ParenExpr{X: right}}
			}
			return &ast.ExprStmt{X: engine(s.Pos(), "S", addressOf(s.Lhs[0]), right)}
		}
		for _, left := range s.Lhs {
			if isWord(left) {
				fail(s.Pos(), "sets a word among others: this shape is not known")
			}
		}
		values(s.Rhs)
		return s
	case *ast.IncDecStmt:
		if isWord(s.X) {
			op := token.ADD
			if s.Tok == token.DEC {
				op = token.SUB
			}
			one := &ast.BasicLit{ValuePos: s.Pos(), Kind: token.INT, Value: "1"}
			was := engine(s.Pos(), "R", addressOf(s.X))
			sum := &ast.BinaryExpr{X: was, OpPos: s.TokPos, Op: op, Y: one}
			return &ast.ExprStmt{X: engine(s.Pos(), "S", addressOf(s.X), sum)}
		}
		return s
	case *ast.RangeStmt:
		place(s.X)
		walk(reflect.ValueOf(s.Body))
		return s
	}
	walk(reflect.ValueOf(s))
	return s
}

var operator = map[token.Token]token.Token{
	token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB, token.OR_ASSIGN: token.OR,
	token.AND_ASSIGN: token.AND, token.AND_NOT_ASSIGN: token.AND_NOT,
}

// addressOf is where the word is that e names.
func addressOf(e ast.Expr) ast.Expr {
	if star, ok := e.(*ast.StarExpr); ok {
		return value(star.X)
	}
	place(e)
	return address(e)
}

func address(e ast.Expr) ast.Expr {
	return &ast.UnaryExpr{OpPos: e.Pos(), Op: token.AND, X: e}
}

func engine(at token.Pos, name string, args ...ast.Expr) *ast.CallExpr {
	return &ast.CallExpr{
		Fun: &ast.SelectorExpr{
			X:   &ast.Ident{NamePos: at, Name: "engine"},
			Sel: &ast.Ident{NamePos: at, Name: name},
		},
		Args: args,
	}
}
