// Communication among the ranks of one group: the one abstract class of the executor.
//
// The public members record the call in the ledger and then ask the transport. Every rank of the
// group makes the same calls in the same order. On a group of one rank all of it is free: nothing
// is recorded and the transport is not called. Tensors are contiguous; all but all-reduce split or
// join along dimension 0.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

#include "cost_models/rank_group.h"
#include "executor/communication/ledger.h"

namespace galvatron {

// A failed call of a transport: names the call, the group and what the library said.
struct CommunicationError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

enum class ReduceOp { sum, max };

// A send or receive under way. Its tensor stays alive until wait() has returned.
class Request {
 public:
  // What a transport derives from.
  class Transfer {
   public:
    virtual ~Transfer() = default;
    virtual void wait() = 0;
  };

  Request() = default;  // nothing under way
  explicit Request(std::unique_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}
  // What arrives where the transport works goes to `target`.
  struct Delivery {
    at::Tensor target;
    at::Tensor arrived;
  };
  Request(std::unique_ptr<Transfer> transfer, Delivery delivery)
      : transfer_(std::move(transfer)), delivery_(std::move(delivery)) {}

  // Returns once the tensor may be used again; at once when called a second time.
  void wait();

 private:
  std::unique_ptr<Transfer> transfer_;
  Delivery delivery_;
};

// Rows of a tensor that go to, or come from, each rank of the group.
using RowCounts = std::vector<std::int64_t>;

class Communicator {
 public:
  virtual ~Communicator() = default;
  Communicator(const Communicator&) = delete;
  Communicator& operator=(const Communicator&) = delete;

  int rank() const { return rank_; }
  int size() const { return group_.size; }
  // In the ranks of the communicator that all others were split from, as in the ledger.
  const RankGroup& group() const { return group_; }
  // Where the transport works.
  at::Device device() const { return device_; }

  // In place.
  void all_reduce(at::Tensor tensor, ReduceOp op = ReduceOp::sum);

  // [n, ...] on each rank -> [size n, ...], in rank order. A single rank gets `shard` itself.
  at::Tensor all_gather(const at::Tensor& shard);
  void all_gather_into(at::Tensor full, const at::Tensor& shard);

  // [size n, ...] on each rank -> the sum of rank's own [n, ...]. A single rank gets `full` itself.
  at::Tensor reduce_scatter(const at::Tensor& full);
  void reduce_scatter_into(at::Tensor shard, const at::Tensor& full);

  // Rows of `rows` are sent in rank order, `send[r]` to rank r; returns `receive[r]` rows of each.
  // The ledger counts what goes to other ranks.
  at::Tensor all_to_all(const at::Tensor& rows, const RowCounts& send, const RowCounts& receive);

  // `peer` is a rank of this group. A transport may work off what one communicator was given in
  // order only: of two ranks that send to each other one has to receive first.
  [[nodiscard]] Request start_send(at::Tensor tensor, int peer);
  [[nodiscard]] Request start_receive(at::Tensor tensor, int peer);

  void barrier();

  // One communicator per group, null where this rank is no member. Groups are in ranks of this
  // communicator; every rank of it passes the same list.
  std::vector<std::unique_ptr<Communicator>> split(const std::vector<RankGroup>& groups);

 protected:
  static constexpr int kNoColor = -1;

  struct Membership {
    RankGroup group;
    int rank = 0;  // index in the group
    Ledger* ledger = nullptr;
  };
  Communicator(const Membership& membership, at::Device device)
      : group_(membership.group),
        rank_(membership.rank),
        ledger_(membership.ledger),
        device_(device) {}

 private:
  virtual void do_all_reduce(at::Tensor tensor, ReduceOp op) = 0;
  virtual void do_all_gather(at::Tensor full, const at::Tensor& shard) = 0;
  virtual void do_reduce_scatter(at::Tensor shard, const at::Tensor& full) = 0;
  virtual void do_all_to_all(at::Tensor received, const at::Tensor& rows, const RowCounts& send,
                             const RowCounts& receive) = 0;
  virtual std::unique_ptr<Request::Transfer> do_start_send(at::Tensor tensor, int peer) = 0;
  virtual std::unique_ptr<Request::Transfer> do_start_receive(at::Tensor tensor, int peer) = 0;
  virtual void do_barrier() = 0;
  // Collective over this communicator: ranks that pass the same color form a group, in the order of
  // `member.rank`. Null for a rank that passes kNoColor.
  virtual std::unique_ptr<Communicator> do_split(int color, const Membership& member) = 0;

  void record(CollectiveKind kind, const RankGroup& group, Bytes payload);
  RankGroup pair_with(int peer) const;
  // A group in ranks of this communicator, in those of the root.
  RankGroup in_root_ranks(const RankGroup& ranks) const;

  RankGroup group_;
  int rank_ = 0;
  Ledger* ledger_;  // outlives all communicators
  at::Device device_;
};

}  // namespace galvatron
