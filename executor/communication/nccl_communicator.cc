#include "executor/communication/nccl_communicator.h"

#include <ATen/ops/zeros.h>
#include <c10/core/ScalarType.h>
#include <c10/cuda/CUDAStream.h>
#include <fmt/format.h>
#include <nccl.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <exception>
#include <thread>
#include <utility>

namespace galvatron {
namespace {

[[noreturn]] void fail(const char* call, ncclResult_t result, ncclComm_t comm) {
  throw CommunicationError(
      fmt::format("{} failed: {}: {}", call, ncclGetErrorString(result), ncclGetLastError(comm)));
}

// Waits until NCCL has taken a call in: communicators that do not block answer before they have,
// even with success.
void finish(const char* call, ncclResult_t result, ncclComm_t comm) {
  if (result != ncclSuccess && result != ncclInProgress) fail(call, result, comm);
  do {
    if (const ncclResult_t asked = ncclCommGetAsyncError(comm, &result); asked != ncclSuccess) {
      fail(call, asked, comm);
    }
    if (result == ncclInProgress) std::this_thread::yield();
  } while (result == ncclInProgress);
  if (result != ncclSuccess) fail(call, result, comm);
}

ncclDataType_t reduced_type(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return ncclFloat32;
    case at::kDouble:
      return ncclFloat64;
    case at::kLong:
      return ncclInt64;
    case at::kBFloat16:
      return ncclBfloat16;
    default:
      throw CommunicationError(
          fmt::format("cannot reduce {} over NCCL, expected float, double, int64 or bfloat16",
                      c10::toString(tensor.scalar_type())));
  }
}

std::size_t element_count(const at::Tensor& tensor) {
  return static_cast<std::size_t>(tensor.numel());
}

// NCCL itself keeps the order of the stream; the tensor has only to stay where it is.
class NcclTransfer : public Request::Transfer {
 public:
  explicit NcclTransfer(at::Tensor tensor) : tensor_(std::move(tensor)) {}
  void wait() override { tensor_.reset(); }

 private:
  at::Tensor tensor_;
};

class NcclCommunicator : public Communicator {
 public:
  NcclCommunicator(const Membership& membership, at::Device device, ncclComm_t comm)
      : Communicator(membership, device), comm_(comm) {}

  // Whatever is still under way is finished first. Nothing is while an error unwinds: a peer may
  // never come, and the process is about to end. An error in here has nowhere to go.
  ~NcclCommunicator() override {
    if (comm_ == nullptr || std::uncaught_exceptions() > 0) return;
    ncclCommFinalize(comm_);
    ncclResult_t result = ncclInProgress;
    while (ncclCommGetAsyncError(comm_, &result) == ncclSuccess && result == ncclInProgress) {
      std::this_thread::yield();
    }
    ncclCommDestroy(comm_);
  }

  static std::unique_ptr<Communicator> root(const Rendezvous& ranks, at::Device device,
                                            Ledger* ledger) {
    ncclUniqueId id;
    if (ranks.rank == 0) {
      if (const auto result = ncclGetUniqueId(&id); result != ncclSuccess) {
        fail("ncclGetUniqueId", result, nullptr);
      }
    }
    const std::string text =
        ranks.broadcast(ranks.rank == 0 ? std::string(id.internal, sizeof id.internal) : "");
    std::memcpy(id.internal, text.data(), std::min(text.size(), sizeof id.internal));
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    ncclComm_t comm = nullptr;
    const ncclResult_t result = ncclCommInitRankConfig(&comm, ranks.size, id, ranks.rank, &config);
    finish("ncclCommInitRankConfig", result, comm);
    return std::make_unique<NcclCommunicator>(
        Membership{.group = {.first = 0, .size = ranks.size, .stride = 1},
                   .rank = ranks.rank,
                   .ledger = ledger},
        device, comm);
  }

 private:
  cudaStream_t stream() const { return c10::cuda::getCurrentCUDAStream(device().index()); }
  void finish_call(const char* call, ncclResult_t result) const { finish(call, result, comm_); }

  void do_all_reduce(at::Tensor tensor, ReduceOp op) override {
    finish_call("ncclAllReduce",
                ncclAllReduce(tensor.data_ptr(), tensor.data_ptr(), element_count(tensor),
                              reduced_type(tensor), op == ReduceOp::sum ? ncclSum : ncclMax, comm_,
                              stream()));
  }

  void do_all_gather(at::Tensor full, const at::Tensor& shard) override {
    finish_call("ncclAllGather", ncclAllGather(shard.data_ptr(), full.data_ptr(), shard.nbytes(),
                                               ncclUint8, comm_, stream()));
  }

  void do_reduce_scatter(at::Tensor shard, const at::Tensor& full) override {
    finish_call("ncclReduceScatter",
                ncclReduceScatter(full.data_ptr(), shard.data_ptr(), element_count(shard),
                                  reduced_type(full), ncclSum, comm_, stream()));
  }

  void do_all_to_all(at::Tensor received, const at::Tensor& rows, const RowCounts& send,
                     const RowCounts& receive) override {
    const auto row_bytes = static_cast<std::size_t>(rows.stride(0) * rows.element_size());
    const auto* out = static_cast<const std::byte*>(rows.data_ptr());
    auto* in = static_cast<std::byte*>(received.data_ptr());
    // Errors inside a group show at its end.
    ncclGroupStart();
    for (int peer = 0; peer < size(); ++peer) {
      const auto index = static_cast<std::size_t>(peer);
      const std::size_t out_bytes = static_cast<std::size_t>(send[index]) * row_bytes;
      const std::size_t in_bytes = static_cast<std::size_t>(receive[index]) * row_bytes;
      if (out_bytes > 0) ncclSend(out, out_bytes, ncclUint8, peer, comm_, stream());
      if (in_bytes > 0) ncclRecv(in, in_bytes, ncclUint8, peer, comm_, stream());
      out += out_bytes;
      in += in_bytes;
    }
    finish_call("all-to-all", ncclGroupEnd());
  }

  std::unique_ptr<Request::Transfer> do_start_send(at::Tensor tensor, int peer) override {
    finish_call("ncclSend",
                ncclSend(tensor.data_ptr(), tensor.nbytes(), ncclUint8, peer, comm_, stream()));
    return std::make_unique<NcclTransfer>(std::move(tensor));
  }

  std::unique_ptr<Request::Transfer> do_start_receive(at::Tensor tensor, int peer) override {
    finish_call("ncclRecv",
                ncclRecv(tensor.data_ptr(), tensor.nbytes(), ncclUint8, peer, comm_, stream()));
    return std::make_unique<NcclTransfer>(std::move(tensor));
  }

  void do_barrier() override {
    const at::Tensor nothing = at::zeros({1}, at::TensorOptions(device()).dtype(at::kFloat));
    do_all_reduce(nothing, ReduceOp::sum);
    c10::cuda::getCurrentCUDAStream(device().index()).synchronize();
  }

  std::unique_ptr<Communicator> do_split(int color, const Membership& member) override {
    const bool meets_others = color != kNoColor && member.group.size > 1;
    const ncclComm_t part = comm_ == nullptr
                                ? nullptr
                                : split_off(meets_others ? color : NCCL_SPLIT_NOCOLOR, member.rank);
    if (color == kNoColor) return nullptr;
    return std::make_unique<NcclCommunicator>(member, device(), part);
  }

  // Null for NCCL_SPLIT_NOCOLOR.
  ncclComm_t split_off(int color, int rank) {
    const std::atomic_ref<ncclComm_t> part(handed_over_.emplace_back(nullptr));
    finish_call("ncclCommSplit", ncclCommSplit(comm_, color, rank, &handed_over_.back(), nullptr));
    if (color == NCCL_SPLIT_NOCOLOR) return nullptr;
    while (part.load() == nullptr) finish_call("ncclCommSplit", ncclInProgress);
    finish("ncclCommSplit", ncclInProgress, part);
    return part;
  }

  // Where NCCL writes what it splits off, from a thread of its own and maybe late.
  std::deque<ncclComm_t> handed_over_;
  ncclComm_t comm_;  // null on a group of one rank, which never calls
};

}  // namespace

bool has_nccl() { return true; }

std::unique_ptr<Communicator> make_nccl_communicator(const Rendezvous& ranks, at::Device device) {
  return NcclCommunicator::root(ranks, device, nullptr);
}

std::unique_ptr<Communicator> make_nccl_communicator(const Rendezvous& ranks, at::Device device,
                                                     Ledger& ledger) {
  return NcclCommunicator::root(ranks, device, &ledger);
}

}  // namespace galvatron
