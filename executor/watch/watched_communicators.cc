#include "executor/watch/watched_communicators.h"

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

namespace galvatron {
namespace {

constexpr std::chrono::seconds kAbortTakes{2};

}  // namespace

WatchedCommunicators::Entry::Entry(WatchedCommunicators& all, Watched communicator) : all_(all) {
  const std::lock_guard lock(all_.mutex_);
  place_ = all_.entered_.insert(all_.entered_.end(), std::move(communicator));
}

WatchedCommunicators::Entry::~Entry() {
  const std::lock_guard lock(all_.mutex_);
  all_.entered_.erase(place_);
}

std::optional<std::string> WatchedCommunicators::first_failure() {
  const std::lock_guard lock(mutex_);
  for (const Watched& communicator : entered_) {
    const std::optional<std::string> failure = communicator.failure();
    if (!failure) continue;
    failed_ = true;
    return fmt::format("{} failed: {}", communicator.name, *failure);
  }
  return std::nullopt;
}

void WatchedCommunicators::abort_if_failed() {
  if (!failed_) return;
  const auto done = std::make_shared<std::promise<void>>();
  std::thread([this, done] {
    abort_all();
    done->set_value();
  }).detach();
  done->get_future().wait_for(kAbortTakes);
}

void WatchedCommunicators::abort_all() {
  aborted_ = true;  // before the first wait ends
  const std::lock_guard lock(mutex_);
  for (const Watched& communicator : entered_) communicator.abort();
}

}  // namespace galvatron
