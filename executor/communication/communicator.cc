#include "executor/communication/communicator.h"

#include <ATen/ops/empty_like.h>

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace galvatron {
namespace {

Bytes bytes_of(const at::Tensor& tensor) { return {static_cast<std::int64_t>(tensor.nbytes())}; }

std::vector<std::int64_t> with_rows(const at::Tensor& tensor, std::int64_t rows) {
  std::vector<std::int64_t> shape = tensor.sizes().vec();
  shape.at(0) = rows;
  return shape;
}

Bytes bytes_per_row(const at::Tensor& tensor) {
  const auto elements = std::accumulate(tensor.sizes().begin() + 1, tensor.sizes().end(),
                                        std::int64_t{1}, std::multiplies<>());
  return elements * Bytes{static_cast<std::int64_t>(tensor.element_size())};
}

std::int64_t sum(const RowCounts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

at::Tensor room_on(at::Device device, const at::Tensor& tensor) {
  return tensor.device() == device ? tensor : at::empty_like(tensor, device);
}

void bring_back(const at::Tensor& tensor, const at::Tensor& there) {
  if (!tensor.is_same(there)) tensor.copy_(there);
}

// Groups that share no rank, by index: as few such sets as first fit finds, the same on every rank.
std::vector<std::vector<std::size_t>> disjoint_sets(const std::vector<RankGroup>& groups,
                                                    int ranks) {
  struct Set {
    std::vector<std::size_t> groups;
    std::vector<bool> taken;
  };
  std::vector<Set> sets;
  for (std::size_t index = 0; index < groups.size(); ++index) {
    const RankGroup& group = groups[index];
    const auto takes_part_in = [&](const Set& set) {
      for (int i = 0; i < group.size; ++i) {
        if (set.taken[static_cast<std::size_t>(rank_at(group, i))]) return true;
      }
      return false;
    };
    auto set = std::find_if_not(sets.begin(), sets.end(), takes_part_in);
    if (set == sets.end()) {
      set = sets.insert(set, {{}, std::vector<bool>(static_cast<std::size_t>(ranks))});
    }
    set->groups.push_back(index);
    for (int i = 0; i < group.size; ++i) {
      set->taken[static_cast<std::size_t>(rank_at(group, i))] = true;
    }
  }
  std::vector<std::vector<std::size_t>> result;
  for (Set& set : sets) result.push_back(std::move(set.groups));
  return result;
}

}  // namespace

void Request::wait() {
  const auto transfer = std::exchange(transfer_, nullptr);
  if (!transfer) return;
  transfer->wait();
  const auto [target, arrived] = std::exchange(delivery_, {});
  if (target.defined()) bring_back(target, arrived);
}

void Communicator::all_reduce(at::Tensor tensor, ReduceOp op) {
  if (size() == 1) return;
  assert(tensor.is_contiguous());
  record(CollectiveKind::all_reduce, group_, bytes_of(tensor));
  const at::Tensor there = tensor.to(device_);
  do_all_reduce(there, op);
  bring_back(tensor, there);
}

at::Tensor Communicator::all_gather(const at::Tensor& shard) {
  if (size() == 1) return shard;
  const at::Tensor full = shard.new_empty(with_rows(shard, shard.size(0) * size()));
  all_gather_into(full, shard);
  return full;
}

void Communicator::all_gather_into(at::Tensor full, const at::Tensor& shard) {
  assert(full.numel() == shard.numel() * size());
  assert(full.is_contiguous() && shard.is_contiguous());
  if (size() == 1) {
    if (full.data_ptr() != shard.data_ptr()) full.copy_(shard);
    return;
  }
  record(CollectiveKind::all_gather, group_, bytes_of(full));
  const at::Tensor there = room_on(device_, full);
  do_all_gather(there, shard.to(device_));
  bring_back(full, there);
}

at::Tensor Communicator::reduce_scatter(const at::Tensor& full) {
  if (size() == 1) return full;
  assert(full.size(0) % size() == 0);
  const at::Tensor shard = full.new_empty(with_rows(full, full.size(0) / size()));
  reduce_scatter_into(shard, full);
  return shard;
}

void Communicator::reduce_scatter_into(at::Tensor shard, const at::Tensor& full) {
  assert(full.numel() == shard.numel() * size());
  assert(full.is_contiguous() && shard.is_contiguous());
  if (size() == 1) {
    if (full.data_ptr() != shard.data_ptr()) shard.copy_(full);
    return;
  }
  record(CollectiveKind::reduce_scatter, group_, bytes_of(full));
  const at::Tensor there = room_on(device_, shard);
  do_reduce_scatter(there, full.to(device_));
  bring_back(shard, there);
}

at::Tensor Communicator::all_to_all(const at::Tensor& rows, const RowCounts& send,
                                    const RowCounts& receive) {
  const auto own = static_cast<std::size_t>(rank_);
  assert(std::ssize(send) == size() && std::ssize(receive) == size());
  assert(send.at(own) == receive.at(own) && sum(send) == rows.size(0) && rows.is_contiguous());
  if (size() == 1) return rows;
  const at::Tensor received = rows.new_empty(with_rows(rows, sum(receive)));
  record(CollectiveKind::all_to_all, group_, bytes_per_row(rows) * (sum(send) - send.at(own)));
  const at::Tensor there = room_on(device_, received);
  do_all_to_all(there, rows.to(device_), send, receive);
  bring_back(received, there);
  return received;
}

Request Communicator::start_send(at::Tensor tensor, int peer) {
  assert(peer != rank_ && tensor.is_contiguous());
  record(CollectiveKind::send, pair_with(peer), bytes_of(tensor));
  return Request(do_start_send(tensor.to(device_), peer));
}

Request Communicator::start_receive(at::Tensor tensor, int peer) {
  assert(peer != rank_ && tensor.is_contiguous());
  record(CollectiveKind::receive, pair_with(peer), bytes_of(tensor));
  const at::Tensor there = room_on(device_, tensor);
  return {do_start_receive(there, peer), {.target = tensor, .arrived = there}};
}

void Communicator::barrier() {
  if (size() > 1) do_barrier();
}

std::vector<std::unique_ptr<Communicator>> Communicator::split(
    const std::vector<RankGroup>& groups) {
  std::vector<std::unique_ptr<Communicator>> parts(groups.size());
  for (const std::vector<std::size_t>& set : disjoint_sets(groups, size())) {
    int color = kNoColor;
    Membership member{.group = {}, .rank = -1, .ledger = ledger_};
    for (std::size_t number = 0; number < set.size(); ++number) {
      const RankGroup& ranks = groups[set[number]];
      for (int index = 0; index < ranks.size; ++index) {
        if (rank_at(ranks, index) != rank_) continue;
        color = static_cast<int>(number);
        member.group = in_root_ranks(ranks);
        member.rank = index;
      }
    }
    std::unique_ptr<Communicator> part = do_split(color, member);
    if (color != kNoColor) parts[set[static_cast<std::size_t>(color)]] = std::move(part);
  }
  return parts;
}

RankGroup Communicator::in_root_ranks(const RankGroup& ranks) const {
  std::vector<int> members;
  for (int index = 0; index < ranks.size; ++index) {
    members.push_back(rank_at(group_, rank_at(ranks, index)));
  }
  return group_of(std::move(members));
}

void Communicator::record(CollectiveKind kind, const RankGroup& group, Bytes payload) {
  if (ledger_ == nullptr) return;
  ledger_->record({.kind = kind, .group = group, .payload = payload});
}

RankGroup Communicator::pair_with(int peer) const {
  const int own = rank_at(group_, rank_);
  const int other = rank_at(group_, peer);
  const int first = std::min(own, other);
  return {.first = first, .size = 2, .stride = std::max(own, other) - first};
}

}  // namespace galvatron
