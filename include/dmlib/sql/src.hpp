#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/sql/impl/ast.ipp>
#include <dmlib/sql/impl/lexer.ipp>
#include <dmlib/sql/impl/literal.ipp>
#include <dmlib/sql/impl/parser.ipp>
#include <dmlib/sql/impl/printer.ipp>
#include <dmlib/sql/impl/script_splitter.ipp>
