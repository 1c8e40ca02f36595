// One communicator of NCCL: called by the rank's thread, looked after by the watchdog's.
//
// A communicator that does not block answers a call before NCCL has taken it in, even with success,
// and tells later what became of it. Who asks may finish work, so that only one thread may ask at a
// time.
#pragma once

#include <nccl.h>

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "cost_models/rank_group.h"
#include "executor/watch/watched_communicators.h"

namespace galvatron {

// Throws CommunicationError. `comm` may be null.
void check_nccl(const char* call, ncclResult_t result, ncclComm_t comm = nullptr);

// Waits until NCCL has taken in a call that answered `result`, to a communicator that no other
// thread knows. Throws CommunicationError.
void finish_nccl(const char* call, ncclResult_t result, ncclComm_t comm);

class NcclHandle {
 public:
  // `comm` is initialized; `watched` may be null.
  NcclHandle(ncclComm_t comm, const RankGroup& group, WatchedCommunicators* watched);
  // Whatever is still under way is finished first. Nothing is while an error unwinds: a peer may
  // never come, and the process is about to end. An error in here has nowhere to go.
  ~NcclHandle();
  NcclHandle(const NcclHandle&) = delete;
  NcclHandle& operator=(const NcclHandle&) = delete;

  using Call = std::function<ncclResult_t(ncclComm_t)>;
  // Waits until NCCL has taken the call in. Throws CommunicationError, also where the communicator
  // was aborted.
  void call(const char* name, const Call& make);

 private:
  struct Answer {
    ncclResult_t result = ncclInProgress;
    std::optional<std::string> error = {};
  };
  Answer ask(const Call& question);
  // What went wrong, if anything did.
  std::optional<std::string> attempt(const Call& make);
  std::optional<std::string> failure();
  void abort();

  std::mutex mutex_;
  ncclComm_t comm_;  // null once it was aborted
  std::optional<WatchedCommunicators::Entry> entry_;
};

}  // namespace galvatron
