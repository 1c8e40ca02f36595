#include "executor/communication/communicator.h"

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

}  // namespace

void Request::wait() {
  if (const auto transfer = std::exchange(transfer_, nullptr)) transfer->wait();
}

void Communicator::all_reduce(at::Tensor tensor, ReduceOp op) {
  if (size() == 1) return;
  assert(tensor.is_contiguous());
  record(CollectiveKind::all_reduce, group_, bytes_of(tensor));
  do_all_reduce(std::move(tensor), op);
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
  do_all_gather(std::move(full), shard);
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
  do_reduce_scatter(std::move(shard), full);
}

at::Tensor Communicator::all_to_all(const at::Tensor& rows, const RowCounts& send,
                                    const RowCounts& receive) {
  const auto own = static_cast<std::size_t>(rank_);
  assert(std::ssize(send) == size() && std::ssize(receive) == size());
  assert(send.at(own) == receive.at(own) && sum(send) == rows.size(0) && rows.is_contiguous());
  if (size() == 1) return rows;
  const at::Tensor received = rows.new_empty(with_rows(rows, sum(receive)));
  record(CollectiveKind::all_to_all, group_, bytes_per_row(rows) * (sum(send) - send.at(own)));
  do_all_to_all(received, rows, send, receive);
  return received;
}

Request Communicator::start_send(at::Tensor tensor, int peer) {
  assert(peer != rank_ && tensor.is_contiguous());
  record(CollectiveKind::send, pair_with(peer), bytes_of(tensor));
  return Request(do_start_send(std::move(tensor), peer));
}

Request Communicator::start_receive(at::Tensor tensor, int peer) {
  assert(peer != rank_ && tensor.is_contiguous());
  record(CollectiveKind::receive, pair_with(peer), bytes_of(tensor));
  return Request(do_start_receive(std::move(tensor), peer));
}

void Communicator::barrier() {
  if (size() > 1) do_barrier();
}

std::vector<std::unique_ptr<Communicator>> Communicator::split(
    const std::vector<RankGroup>& groups) {
  std::vector<std::unique_ptr<Communicator>> parts;
  for (const RankGroup& ranks : groups) {
    Membership member{.group = {}, .rank = -1, .ledger = ledger_};
    std::vector<int> members;
    for (int index = 0; index < ranks.size; ++index) {
      const int rank = rank_at(ranks, index);
      if (rank == rank_) member.rank = index;
      members.push_back(rank_at(group_, rank));
    }
    member.group = group_of(std::move(members));
    parts.push_back(do_split(ranks, member));
  }
  return parts;
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
