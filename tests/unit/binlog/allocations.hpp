// Counts what operator new gives in this test program. With a sanitizer, which has its own
// operators, nothing is counted.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DMLIB_TEST_COUNTS_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define DMLIB_TEST_COUNTS_ALLOCATIONS 0
#endif
#endif
#if !defined(DMLIB_TEST_COUNTS_ALLOCATIONS)
#define DMLIB_TEST_COUNTS_ALLOCATIONS 1
#endif

namespace binlog_test {

struct allocation_counts {
    std::size_t calls = 0;
    std::size_t live_bytes = 0;
    std::size_t peak_bytes = 0;  ///< largest live_bytes since reset_peak()
};

/// The counts so far, of all threads.
allocation_counts allocations() noexcept;
void reset_peak() noexcept;

}  // namespace binlog_test
