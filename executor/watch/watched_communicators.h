// The communicators of a process that can fail while every process lives: a link of the network
// that goes down ends nobody, and who waits for what should have come over it waits for ever.
//
// Communicators enter themselves; the watchdog's thread asks all of them how they are. Where one
// has failed it ends them all, just before it ends the process.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>

namespace galvatron {

class WatchedCommunicators {
 public:
  // Both functions are called on other threads than the one that communicates.
  struct Watched {
    std::string name;  // "the NCCL communicator of ranks 0-7"
    // What has gone wrong, if anything has. Never waits.
    std::function<std::optional<std::string>()> failure;
    // Ends what is under way; may hang.
    std::function<void()> abort;
  };

  // Keeps a communicator entered. What it is asked through must outlive this.
  class Entry {
   public:
    Entry(WatchedCommunicators& all, Watched communicator);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    // From now on nothing that arrives may be used: calls have to fail.
    bool aborted() const { return all_.aborted_; }

   private:
    WatchedCommunicators& all_;
    std::list<Watched>::iterator place_;
  };

  // "the NCCL communicator of ranks 0-7 failed: remote process exited or there was a network error"
  std::optional<std::string> first_failure();

  // Aborts all communicators if one has failed. Returns after two seconds at most, whether they
  // have ended or not: the process must end behind it, without destructors.
  void abort_if_failed();

 private:
  void abort_all();

  std::mutex mutex_;  // over `entered_`
  std::list<Watched> entered_;
  std::atomic<bool> failed_{false};
  std::atomic<bool> aborted_{false};
};

}  // namespace galvatron
