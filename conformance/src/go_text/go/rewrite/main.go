// Command rewrite makes a program of Go's own text: of the files of a runtime's source it takes
// the declarations that table names, and makes each use of a shared word a point of the engine.
//
//	rewrite SOURCE OUT PATCHED
//
// SOURCE is a folder like src/runtime. A file that is in PATCHED is taken from there. A
// declaration that is not there, or has a shape that is not known, is an error that names it.
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

var files = token.NewFileSet()

func fail(at token.Pos, why string) {
	fmt.Fprintf(os.Stderr, "%s: %s\n", files.Position(at), why)
	os.Exit(1)
}

func failed(why ...any) {
	fmt.Fprintln(os.Stderr, why...)
	os.Exit(1)
}

func main() {
	if len(os.Args) != 4 {
		failed("usage: rewrite SOURCE OUT PATCHED")
	}
	source, out, patched := os.Args[1], os.Args[2], os.Args[3]
	var names []string
	for _, t := range texts(source) {
		take(source, out, patched, t)
		names = append(names, t.name)
	}
	write(out, "text_names.go", fmt.Sprintf("package main\n\nvar files = %#v\n\nconst atomicPackage = %q\n", names, atomicPackage))
	write(out, "names", strings.Join(names, "\n"))
	if guard != "" {
		write(out, "text_guard.go", guard)
	}
}

// atomicPackage is the path of the package of atomic operations, which has moved.
var atomicPackage string

func write(folder, name, content string) {
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o666); err != nil {
		failed(err)
	}
}

// take writes the declarations of one file.
func take(source, out, patched string, t text) {
	content, err := os.ReadFile(filepath.Join(patched, t.name))
	if os.IsNotExist(err) {
		content, err = os.ReadFile(filepath.Join(source, t.name))
	}
	if os.IsNotExist(err) {
		failed(fmt.Sprintf("%s: want a file named %s, found none", source, t.name))
	}
	if err != nil {
		failed(err)
	}
	file, err := parser.ParseFile(files, t.name, content, 0)
	if err != nil {
		failed(err)
	}
	noteAtomics(file)
	for _, spec := range file.Imports {
		if path := strings.Trim(spec.Path.Value, `"`); strings.HasSuffix(path, "/atomic") {
			atomicPackage = path
		}
	}
	found := map[string]bool{}
	var decls []ast.Decl
	for _, decl := range file.Decls {
		if wanted := wants(t, decl, found); wanted != nil {
			decls = append(decls, wanted)
		}
	}
	for _, want := range t.want {
		if !found[want.name] {
			failed(fmt.Sprintf("%s: want a declaration of %s, found none", filepath.Join(source, t.name), want.name))
		}
	}
	var text bytes.Buffer
	text.WriteString("package main\n\nimport (\n\"unsafe\"\n")
	for _, name := range []string{"abi", "atomic", "engine", "stringslite", "sys", "tracev2"} {
		fmt.Fprintf(&text, "\"gotext/%s\"\n", name)
	}
	text.WriteString(")\n\nvar (\n_ abi.Func\n_ = atomic.Load\n_ unsafe.Pointer\n_ = engine.Throw\n")
	text.WriteString("_ = stringslite.HasPrefix\n_ = sys.PCQuantum\n_ tracev2.EventType\n)\n\n")
	config := printer.Config{Mode: printer.UseSpaces | printer.TabIndent | printer.SourcePos, Tabwidth: 8}
	for _, decl := range decls {
		if err := config.Fprint(&text, files, decl); err != nil {
			failed(err)
		}
		text.WriteString("\n\n")
	}
	write(out, "text_"+t.name, text.String())
}

// wants is the declaration as it is taken; nil if it is not.
func wants(t text, decl ast.Decl, found map[string]bool) ast.Decl {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		name := nameOf(decl)
		for _, want := range t.want {
			if want.name != name {
				continue
			}
			found[name] = true
			if decl.Body == nil {
				fail(decl.Pos(), "want "+name+" with a body, found none")
			}
			if want.keep != nil {
				slice(decl, want.keep, want.drop)
			}
			if want.mark != nil {
				want.mark(decl)
			}
			points(decl.Body)
			if want.rename != "" {
				decl.Name.Name = want.rename
			}
			decl.Body.List = append([]ast.Stmt{enter(decl, name)}, decl.Body.List...)
			return decl
		}
	case *ast.GenDecl:
		if decl.Tok == token.IMPORT {
			return nil
		}
		var specs []ast.Spec
		for _, spec := range decl.Specs {
			name := ""
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				name = spec.Name.Name
			case *ast.ValueSpec:
				name = spec.Names[0].Name
			}
			for _, want := range t.want {
				if want.name != name {
					continue
				}
				found[name] = true
				specs = append(specs, spec)
				t := structOf(spec)
				if t == nil && (want.fields != nil || want.shape != nil) {
					fail(spec.Pos(), "want a struct of "+name+", found another type")
				}
				if want.fields != nil {
					some(t, want.fields)
				}
				if want.shape != nil {
					want.shape(t)
				}
			}
		}
		if len(specs) > 0 {
			decl.Specs = specs
			return decl
		}
	}
	return nil
}

// enter tells the engine whose text it is.
func enter(decl *ast.FuncDecl, name string) ast.Stmt {
	number, ok := entered[name]
	if !ok {
		return &ast.EmptyStmt{Semicolon: decl.Body.Lbrace, Implicit: true}
	}
	lit := &ast.BasicLit{ValuePos: decl.Body.Lbrace, Kind: token.INT, Value: fmt.Sprint(number)}
	return &ast.ExprStmt{X: engine(decl.Body.Lbrace, "Enter", lit)}
}

// nameOf is profBuf.write for a method.
func nameOf(decl *ast.FuncDecl) string {
	if decl.Recv == nil || len(decl.Recv.List) != 1 {
		return decl.Name.Name
	}
	of := decl.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if ident, ok := of.(*ast.Ident); ok {
		return ident.Name + "." + decl.Name.Name
	}
	return decl.Name.Name
}
