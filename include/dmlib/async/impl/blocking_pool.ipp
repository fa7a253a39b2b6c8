#pragma once

#include <dmlib/async/blocking_pool.hpp>

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace async {

namespace internal {

// Signals are for the host program's own threads.
inline std::thread start_quiet_thread(std::function<void()> body) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread t(std::move(body));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return t;
}

}  // namespace internal

struct blocking_pool::impl {
    explicit impl(std::size_t limit) : max_threads(limit) {}

    void work() {
        std::unique_lock lock(mutex);
        for (;;) {
            ++idle;
            wake.wait(lock, [this] { return ending || !jobs.empty(); });
            --idle;
            if (jobs.empty()) return;
            std::function<void()> job = std::move(jobs.front());
            jobs.pop_front();
            lock.unlock();
            job();
            job = nullptr;  // what it holds goes before the next wait
            lock.lock();
        }
    }

    std::size_t max_threads;
    mutable std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> jobs;
    std::vector<std::thread> threads;
    std::size_t idle = 0;
    bool ending = false;
};

DMLIB_DECL blocking_pool::blocking_pool(std::size_t max_threads)
    : impl_(std::make_unique<impl>(max_threads)) {
}

DMLIB_DECL blocking_pool::~blocking_pool() {
    join();
}

DMLIB_DECL void blocking_pool::post(std::function<void()> job) {
    impl& p = *impl_;
    const std::lock_guard lock(p.mutex);
    p.jobs.push_back(std::move(job));
    // Idle threads may already be promised to jobs in the queue.
    const bool need = p.jobs.size() > p.idle;
    if (need && (p.max_threads == 0 || p.threads.size() < p.max_threads)) {
        p.threads.push_back(internal::start_quiet_thread([&p] { p.work(); }));
    }
    p.wake.notify_one();
}

DMLIB_DECL void blocking_pool::join() {
    impl& p = *impl_;
    std::unique_lock lock(p.mutex);
    p.ending = true;
    p.wake.notify_all();
    // A job may give the pool another job, and with it another thread.
    while (!p.threads.empty()) {
        std::thread t = std::move(p.threads.back());
        p.threads.pop_back();
        lock.unlock();
        t.join();
        lock.lock();
    }
    p.ending = false;
}

DMLIB_DECL std::size_t blocking_pool::threads() const {
    const std::lock_guard lock(impl_->mutex);
    return impl_->threads.size();
}

}  // namespace async
}  // namespace DMLIB_ABI
}  // namespace dmlib
