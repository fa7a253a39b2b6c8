#pragma once

#include <dmlib/sql/impl/internal/print_statement.ipp>
#include <dmlib/sql/printer.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

template <class F>
std::string written_by(const print_options& options, F&& f) {
    std::string out;
    writer w{out, options};
    f(w);
    return out;
}

}  // namespace internal

DMLIB_DECL std::string print(const statement& s, const print_options& options) {
    return internal::written_by(options, [&](internal::writer& w) { w.statement_text(s); });
}
DMLIB_DECL std::string print(const expression& e, const print_options& options) {
    return internal::written_by(options, [&](internal::writer& w) { w.expr(e); });
}
DMLIB_DECL std::string print(const data_type& t, const print_options& options) {
    return internal::written_by(options, [&](internal::writer& w) { w.type(t); });
}
DMLIB_DECL std::string print(const column_definition& c, const print_options& options) {
    return internal::written_by(options, [&](internal::writer& w) { w.column(c); });
}
DMLIB_DECL std::string print(const key_definition& k, const print_options& options) {
    return internal::written_by(options, [&](internal::writer& w) { w.key(k); });
}
DMLIB_DECL std::string print(const foreign_key_definition& k, const print_options& options) {
    return internal::written_by(options, [&](internal::writer& w) { w.foreign_key(k); });
}
DMLIB_DECL std::string print(const table_element& e, const print_options& options) {
    return internal::written_by(options, [&](internal::writer& w) { w.element(e); });
}
DMLIB_DECL std::string print(const partition_clause& p, const print_options& options) {
    return internal::written_by(options, [&](internal::writer& w) { w.partition(p); });
}
DMLIB_DECL std::string print(const table_option& o, const print_options& options) {
    return internal::written_by(options, [&](internal::writer& w) { w.option(o); });
}
DMLIB_DECL std::string print(const alter_spec& s, const print_options& options) {
    return internal::written_by(options, [&](internal::writer& w) { w.change(s.change); });
}
DMLIB_DECL std::string print(const literal& l, const print_options& options) {
    return internal::written_by(options, [&](internal::writer& w) { w.literal_value(l); });
}

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib

#include <dmlib/sql/impl/internal/rewrite.ipp>
