// The handle over an NCCL of this file's own, which does what a network's faults make the real one
// do, where no GPU is.
#include "executor/communication/nccl_handle.h"

#include <unistd.h>

#include <atomic>
#include <thread>

#include "executor/communication/communicator.h"
#include "test/catch.h"

namespace {

// What NCCL's functions below answer, and what they were asked for.
struct FakeNccl {
  std::atomic<ncclResult_t> state{ncclSuccess};
  std::atomic<int> aborts{0};
  std::atomic<int> destroyed{0};
} nccl;

ncclComm_t some_comm() { return reinterpret_cast<ncclComm_t>(&nccl); }

}  // namespace

ncclResult_t ncclCommGetAsyncError(ncclComm_t, ncclResult_t* state) {
  *state = nccl.state;
  return ncclSuccess;
}
ncclResult_t ncclCommFinalize(ncclComm_t) { return nccl.state; }
ncclResult_t ncclCommDestroy(ncclComm_t) {
  ++nccl.destroyed;
  return ncclSuccess;
}
ncclResult_t ncclCommAbort(ncclComm_t) {
  ++nccl.aborts;
  return ncclSuccess;
}
const char* ncclGetErrorString(ncclResult_t result) {
  return result == ncclRemoteError ? "network error" : "another error";
}
const char* ncclGetLastError(ncclComm_t) { return "a link is down"; }

namespace galvatron {
namespace {

const RankGroup kGroup{.first = 0, .size = 4, .stride = 1};

ncclResult_t put_on_stream(ncclComm_t) { return ncclInProgress; }

TEST_CASE("an error between two calls is found by whoever watches, and named") {
  nccl.state = ncclSuccess;
  WatchedCommunicators watched;
  NcclHandle handle(some_comm(), kGroup, &watched);
  handle.call("ncclAllReduce", put_on_stream);
  CHECK(!watched.first_failure());
  nccl.state = ncclInProgress;
  CHECK(!watched.first_failure());
  nccl.state = ncclRemoteError;
  CHECK(watched.first_failure() ==
        "the NCCL communicator of ranks 0-3 failed: network error: a link is down");
}

TEST_CASE("an error during a call is thrown by it") {
  nccl.state = ncclRemoteError;
  NcclHandle handle(some_comm(), kGroup, nullptr);
  CHECK_THROWS_WITH(handle.call("ncclAllReduce", put_on_stream),
                    "ncclAllReduce failed: network error: a link is down");
}

TEST_CASE("an abort ends the wait of a call, and nothing works after it") {
  nccl.state = ncclInProgress;
  nccl.aborts = 0;
  nccl.destroyed = 0;
  WatchedCommunicators watched;
  const WatchedCommunicators::Entry broken(
      watched, {.name = "another",
                .failure = [] { return std::optional<std::string>("error"); },
                .abort = [] {}});
  {
    NcclHandle handle(some_comm(), kGroup, &watched);
    std::thread watchdog([&] {
      usleep(50'000);
      if (watched.first_failure()) watched.abort_if_failed();
    });
    CHECK_THROWS_WITH(handle.call("ncclAllReduce", put_on_stream),
                      "ncclAllReduce failed: the communicator was aborted");
    watchdog.join();
    CHECK(nccl.aborts == 1);
    CHECK_THROWS_AS(handle.call("ncclSend", put_on_stream), CommunicationError);
  }
  CHECK(nccl.destroyed == 0);
}

TEST_CASE("a handle that is left is finished, destroyed and watched no more") {
  nccl.state = ncclSuccess;
  nccl.destroyed = 0;
  WatchedCommunicators watched;
  { const NcclHandle handle(some_comm(), kGroup, &watched); }
  CHECK(nccl.destroyed == 1);
  nccl.state = ncclRemoteError;
  CHECK(!watched.first_failure());
}

}  // namespace
}  // namespace galvatron
