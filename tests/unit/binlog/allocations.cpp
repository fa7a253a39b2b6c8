#include "allocations.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> calls{0};
std::atomic<std::size_t> live{0};
std::atomic<std::size_t> peak{0};

}  // namespace

namespace binlog_test {

allocation_counts allocations() noexcept {
    return {calls.load(), live.load(), peak.load()};
}
void reset_peak() noexcept {
    peak = live.load();
}

}  // namespace binlog_test

#if DMLIB_TEST_COUNTS_ALLOCATIONS

void* operator new(std::size_t size) {
    void* const p = std::malloc(size == 0 ? 1 : size);
    if (p == nullptr) throw std::bad_alloc();
    ++calls;
    const std::size_t now = live += malloc_usable_size(p);
    std::size_t most = peak.load();
    while (now > most && !peak.compare_exchange_weak(most, now)) {
    }
    return p;
}
void operator delete(void* p) noexcept {
    if (p == nullptr) return;
    live -= malloc_usable_size(p);
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
    operator delete(p);
}

#endif
