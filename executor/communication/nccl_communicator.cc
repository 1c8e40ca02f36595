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
#include <optional>
#include <utility>

#include "executor/communication/nccl_handle.h"

namespace galvatron {
namespace {

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
  // `comm` is null on a group of one rank, which never calls.
  NcclCommunicator(const Membership& membership, at::Device device, ncclComm_t comm,
                   WatchedCommunicators* watched)
      : Communicator(membership, device), watched_(watched) {
    if (comm != nullptr) handle_.emplace(comm, membership.group, watched);
  }

  static std::unique_ptr<Communicator> root(const Rendezvous& ranks, at::Device device,
                                            const Onlookers& onlookers) {
    ncclUniqueId id;
    if (ranks.rank == 0) check_nccl("ncclGetUniqueId", ncclGetUniqueId(&id));
    const std::string text =
        ranks.broadcast(ranks.rank == 0 ? std::string(id.internal, sizeof id.internal) : "");
    std::memcpy(id.internal, text.data(), std::min(text.size(), sizeof id.internal));
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    ncclComm_t comm = nullptr;
    const ncclResult_t result = ncclCommInitRankConfig(&comm, ranks.size, id, ranks.rank, &config);
    finish_nccl("ncclCommInitRankConfig", result, comm);
    return std::make_unique<NcclCommunicator>(
        Membership{.group = {.first = 0, .size = ranks.size, .stride = 1},
                   .rank = ranks.rank,
                   .ledger = onlookers.ledger},
        device, comm, onlookers.watched);
  }

 private:
  cudaStream_t stream() const { return c10::cuda::getCurrentCUDAStream(device().index()); }

  void do_all_reduce(at::Tensor tensor, ReduceOp op) override {
    handle_->call("ncclAllReduce", [&](ncclComm_t comm) {
      return ncclAllReduce(tensor.data_ptr(), tensor.data_ptr(), element_count(tensor),
                           reduced_type(tensor), op == ReduceOp::sum ? ncclSum : ncclMax, comm,
                           stream());
    });
  }

  void do_all_gather(at::Tensor full, const at::Tensor& shard) override {
    handle_->call("ncclAllGather", [&](ncclComm_t comm) {
      return ncclAllGather(shard.data_ptr(), full.data_ptr(), shard.nbytes(), ncclUint8, comm,
                           stream());
    });
  }

  void do_reduce_scatter(at::Tensor shard, const at::Tensor& full) override {
    handle_->call("ncclReduceScatter", [&](ncclComm_t comm) {
      return ncclReduceScatter(full.data_ptr(), shard.data_ptr(), element_count(shard),
                               reduced_type(full), ncclSum, comm, stream());
    });
  }

  void do_all_to_all(at::Tensor received, const at::Tensor& rows, const RowCounts& send,
                     const RowCounts& receive) override {
    const auto row_bytes = static_cast<std::size_t>(rows.stride(0) * rows.element_size());
    handle_->call("all-to-all", [&](ncclComm_t comm) {
      const auto* out = static_cast<const std::byte*>(rows.data_ptr());
      auto* in = static_cast<std::byte*>(received.data_ptr());
      // Errors inside a group show at its end.
      ncclGroupStart();
      for (int peer = 0; peer < size(); ++peer) {
        const auto index = static_cast<std::size_t>(peer);
        const std::size_t out_bytes = static_cast<std::size_t>(send[index]) * row_bytes;
        const std::size_t in_bytes = static_cast<std::size_t>(receive[index]) * row_bytes;
        if (out_bytes > 0) ncclSend(out, out_bytes, ncclUint8, peer, comm, stream());
        if (in_bytes > 0) ncclRecv(in, in_bytes, ncclUint8, peer, comm, stream());
        out += out_bytes;
        in += in_bytes;
      }
      return ncclGroupEnd();
    });
  }

  std::unique_ptr<Request::Transfer> do_start_send(at::Tensor tensor, int peer) override {
    handle_->call("ncclSend", [&](ncclComm_t comm) {
      return ncclSend(tensor.data_ptr(), tensor.nbytes(), ncclUint8, peer, comm, stream());
    });
    return std::make_unique<NcclTransfer>(std::move(tensor));
  }

  std::unique_ptr<Request::Transfer> do_start_receive(at::Tensor tensor, int peer) override {
    handle_->call("ncclRecv", [&](ncclComm_t comm) {
      return ncclRecv(tensor.data_ptr(), tensor.nbytes(), ncclUint8, peer, comm, stream());
    });
    return std::make_unique<NcclTransfer>(std::move(tensor));
  }

  void do_barrier() override {
    const at::Tensor nothing = at::zeros({1}, at::TensorOptions(device()).dtype(at::kFloat));
    do_all_reduce(nothing, ReduceOp::sum);
    c10::cuda::getCurrentCUDAStream(device().index()).synchronize();
  }

  std::unique_ptr<Communicator> do_split(int color, const Membership& member) override {
    const bool meets_others = color != kNoColor && member.group.size > 1;
    const ncclComm_t part =
        handle_ ? split_off(meets_others ? color : NCCL_SPLIT_NOCOLOR, member.rank) : nullptr;
    if (color == kNoColor) return nullptr;
    return std::make_unique<NcclCommunicator>(member, device(), part, watched_);
  }

  // Null for NCCL_SPLIT_NOCOLOR.
  ncclComm_t split_off(int color, int rank) {
    ncclComm_t* const place = &handed_over_.emplace_back(nullptr);
    const std::atomic_ref<ncclComm_t> part(*place);
    handle_->call("ncclCommSplit", [&](ncclComm_t comm) {
      return ncclCommSplit(comm, color, rank, place, nullptr);
    });
    if (color == NCCL_SPLIT_NOCOLOR) return nullptr;
    while (part.load() == nullptr) {
      handle_->call("ncclCommSplit", [](ncclComm_t) { return ncclInProgress; });
    }
    finish_nccl("ncclCommSplit", ncclInProgress, part);
    return part;
  }

  // Where NCCL writes what it splits off, from a thread of its own and maybe late.
  std::deque<ncclComm_t> handed_over_;
  WatchedCommunicators* watched_;
  std::optional<NcclHandle> handle_;  // none on a group of one rank
};

}  // namespace

bool has_nccl() { return true; }

std::unique_ptr<Communicator> make_nccl_communicator(const Rendezvous& ranks, at::Device device,
                                                     const Onlookers& onlookers) {
  return NcclCommunicator::root(ranks, device, onlookers);
}

}  // namespace galvatron
