#pragma once
#if !defined(DMLIB_SEPARATE_COMPILATION)
#error "src.hpp is for separate compilation: define DMLIB_SEPARATE_COMPILATION in the whole program"
#endif
#include <dmlib/binlog/impl/byte_arena.ipp>
#include <dmlib/binlog/impl/decoder.ipp>
#include <dmlib/binlog/impl/event_type.ipp>
#include <dmlib/binlog/impl/file_printer.ipp>
#include <dmlib/binlog/impl/file_reader.ipp>
#include <dmlib/binlog/impl/json.ipp>
#include <dmlib/binlog/impl/json_writer.ipp>
#include <dmlib/binlog/impl/key_file.ipp>
#include <dmlib/binlog/impl/rows.ipp>
#include <dmlib/binlog/impl/statement.ipp>
#include <dmlib/binlog/impl/table_map.ipp>
#include <dmlib/binlog/impl/transaction_tracker.ipp>
