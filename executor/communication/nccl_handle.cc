#include "executor/communication/nccl_handle.h"

#include <fmt/format.h>

#include <exception>
#include <thread>
#include <utility>

#include "cost_models/rank_group_text.h"
#include "executor/communication/communicator.h"

namespace galvatron {
namespace {

ncclResult_t state_of(ncclComm_t comm) {
  ncclResult_t state = ncclInProgress;
  const ncclResult_t asked = ncclCommGetAsyncError(comm, &state);
  return asked == ncclSuccess ? state : asked;
}

std::optional<std::string> error_text(ncclResult_t result, ncclComm_t comm) {
  if (result == ncclSuccess || result == ncclInProgress) return std::nullopt;
  return fmt::format("{}: {}", ncclGetErrorString(result), ncclGetLastError(comm));
}

[[noreturn]] void fail(const char* call, const std::string& error) {
  throw CommunicationError(fmt::format("{} failed: {}", call, error));
}

}  // namespace

void check_nccl(const char* call, ncclResult_t result, ncclComm_t comm) {
  if (const auto error = error_text(result, comm)) fail(call, *error);
}

void finish_nccl(const char* call, ncclResult_t result, ncclComm_t comm) {
  while (true) {
    check_nccl(call, result, comm);
    result = state_of(comm);
    if (result == ncclSuccess) return;
    std::this_thread::yield();
  }
}

NcclHandle::NcclHandle(ncclComm_t comm, const RankGroup& group, WatchedCommunicators* watched)
    : comm_(comm) {
  if (watched == nullptr) return;
  entry_.emplace(*watched, WatchedCommunicators::Watched{
                               .name = fmt::format("the NCCL communicator of ranks {}",
                                                   rank_group_text(group)),
                               .failure = [this] { return failure(); },
                               .abort = [this] { abort(); }});
}

NcclHandle::~NcclHandle() {
  if (std::uncaught_exceptions() > 0) return;
  attempt(ncclCommFinalize);
  entry_.reset();
  if (comm_ != nullptr) ncclCommDestroy(comm_);
}

void NcclHandle::call(const char* name, const Call& make) {
  if (const auto error = attempt(make)) fail(name, *error);
}

NcclHandle::Answer NcclHandle::ask(const Call& question) {
  const std::lock_guard lock(mutex_);
  if (entry_ && entry_->aborted()) return {.error = "the communicator was aborted"};
  const ncclResult_t result = question(comm_);
  return {.result = result, .error = error_text(result, comm_)};
}

std::optional<std::string> NcclHandle::attempt(const Call& make) {
  Answer answer = ask(make);
  while (!answer.error) {
    answer = ask(state_of);
    if (answer.result == ncclSuccess) break;
    std::this_thread::yield();
  }
  return answer.error;
}

std::optional<std::string> NcclHandle::failure() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || comm_ == nullptr) return std::nullopt;  // the rank's thread asks itself
  return error_text(state_of(comm_), comm_);
}

void NcclHandle::abort() {
  const std::lock_guard lock(mutex_);
  if (comm_ != nullptr) ncclCommAbort(std::exchange(comm_, nullptr));
}

}  // namespace galvatron
