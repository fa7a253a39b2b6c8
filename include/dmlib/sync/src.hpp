#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/sync/impl/change_stream.ipp>
#include <dmlib/sync/impl/ddl_kinds.ipp>
#include <dmlib/sync/impl/engine.ipp>
#include <dmlib/sync/impl/engine_branches.ipp>
#include <dmlib/sync/impl/engine_cascades.ipp>
#include <dmlib/sync/impl/engine_ddl.ipp>
#include <dmlib/sync/impl/engine_ddl_apart.ipp>
#include <dmlib/sync/impl/engine_families.ipp>
#include <dmlib/sync/impl/engine_kept_rows.ipp>
#include <dmlib/sync/impl/engine_keys.ipp>
#include <dmlib/sync/impl/engine_names.ipp>
#include <dmlib/sync/impl/engine_order.ipp>
#include <dmlib/sync/impl/foretell.ipp>
#include <dmlib/sync/impl/merged_tables.ipp>
#include <dmlib/sync/impl/meta_store.ipp>
#include <dmlib/sync/impl/rehearsal.ipp>
#include <dmlib/sync/impl/session_ddl.ipp>
#include <dmlib/sync/impl/session_loop.ipp>
#include <dmlib/sync/impl/session_run.ipp>
#include <dmlib/sync/impl/session_turns.ipp>
#include <dmlib/sync/impl/syncer.ipp>
