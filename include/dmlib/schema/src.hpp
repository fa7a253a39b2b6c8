#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/schema/impl/catalog.ipp>
#include <dmlib/schema/impl/column_type.ipp>
#include <dmlib/schema/impl/compare.ipp>
#include <dmlib/schema/impl/print_table.ipp>
#include <dmlib/schema/impl/resolve.ipp>
#include <dmlib/schema/impl/rewrite.ipp>
#include <dmlib/schema/impl/script_runner.ipp>
#include <dmlib/schema/impl/show_create.ipp>
#include <dmlib/schema/impl/step_state.ipp>
#include <dmlib/schema/impl/table.ipp>
#include <dmlib/schema/impl/table_json.ipp>
#include <dmlib/schema/impl/target_form.ipp>
#include <dmlib/schema/impl/tracker.ipp>
#include <dmlib/schema/impl/values_kept.ipp>
