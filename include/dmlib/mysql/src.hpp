#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/mysql/impl/binlog_stream.ipp>
#include <dmlib/mysql/impl/bulk_statement.ipp>
#include <dmlib/mysql/impl/errors.ipp>
#include <dmlib/mysql/impl/server_facts.ipp>
#include <dmlib/mysql/impl/session.ipp>
#include <dmlib/mysql/impl/session_calls.ipp>
