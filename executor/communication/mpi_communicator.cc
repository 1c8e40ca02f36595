#include "executor/communication/mpi_communicator.h"

#include <ATen/ops/empty_like.h>
#include <c10/core/ScalarType.h>
#include <fmt/format.h>
#include <mpi.h>

#include <limits>
#include <utility>

namespace galvatron {
namespace {

[[noreturn]] void fail(const char* call, int code) {
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw CommunicationError(
      fmt::format("{} failed: {}", call, std::string(text, static_cast<std::size_t>(length))));
}

void check(const char* call, int code) {
  if (code != MPI_SUCCESS) fail(call, code);
}

// MPI counts are int.
int count_of(std::int64_t elements) {
  constexpr std::int64_t kLargest = std::numeric_limits<int>::max();
  if (elements > kLargest) {
    throw CommunicationError(
        fmt::format("a buffer of {} elements: MPI takes at most {}", elements, kLargest));
  }
  return static_cast<int>(elements);
}

int byte_count(const at::Tensor& tensor) {
  return count_of(static_cast<std::int64_t>(tensor.nbytes()));
}

MPI_Datatype reduced_type(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return MPI_FLOAT;
    case at::kDouble:
      return MPI_DOUBLE;
    case at::kLong:
      return MPI_INT64_T;
    default:
      throw CommunicationError(
          fmt::format("cannot reduce {} over MPI, expected float, double, int64 or bfloat16",
                      c10::toString(tensor.scalar_type())));
  }
}

bool is_bf16(const at::Tensor& tensor) { return tensor.scalar_type() == at::kBFloat16; }

class MpiTransfer : public Request::Transfer {
 public:
  MpiTransfer(at::Tensor tensor, MPI_Request request)
      : tensor_(std::move(tensor)), request_(request) {}

  // Not waited for, as while an error unwinds: the library may still touch the memory, so it is
  // never given back.
  ~MpiTransfer() override {
    if (request_ != MPI_REQUEST_NULL) tensor_.unsafeReleaseTensorImpl();
  }

  void wait() override { check("MPI_Wait", MPI_Wait(&request_, MPI_STATUS_IGNORE)); }

 private:
  at::Tensor tensor_;
  MPI_Request request_;
};

class MpiCommunicator : public Communicator {
 public:
  MpiCommunicator(const Membership& membership, MPI_Comm comm)
      : Communicator(membership, at::kCPU), comm_(comm) {
    MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN);
  }
  ~MpiCommunicator() override { MPI_Comm_free(&comm_); }

  static std::unique_ptr<Communicator> split_from(MPI_Comm parent, int color,
                                                  const Membership& member) {
    MPI_Comm part = MPI_COMM_NULL;
    check("MPI_Comm_split",
          MPI_Comm_split(parent, color == kNoColor ? MPI_UNDEFINED : color, member.rank, &part));
    if (part == MPI_COMM_NULL) return nullptr;
    return std::make_unique<MpiCommunicator>(member, part);
  }

  static std::unique_ptr<Communicator> root(const RankGroup& members, Ledger* ledger) {
    Membership member{
        .group = {.first = 0, .size = members.size, .stride = 1}, .rank = -1, .ledger = ledger};
    for (int index = 0; index < members.size; ++index) {
      if (rank_at(members, index) == mpi_world_rank()) member.rank = index;
    }
    return split_from(MPI_COMM_WORLD, member.rank < 0 ? kNoColor : 0, member);
  }

 private:
  void do_all_reduce(at::Tensor tensor, ReduceOp op) override {
    const at::Tensor buffer = is_bf16(tensor) ? tensor.to(at::kFloat) : tensor;
    check("MPI_Allreduce",
          MPI_Allreduce(MPI_IN_PLACE, buffer.data_ptr(), count_of(buffer.numel()),
                        reduced_type(buffer), op == ReduceOp::sum ? MPI_SUM : MPI_MAX, comm_));
    if (is_bf16(tensor)) tensor.copy_(buffer);
  }

  void do_all_gather(at::Tensor full, const at::Tensor& shard) override {
    check("MPI_Allgather", MPI_Allgather(shard.data_ptr(), byte_count(shard), MPI_BYTE,
                                         full.data_ptr(), byte_count(shard), MPI_BYTE, comm_));
  }

  void do_reduce_scatter(at::Tensor shard, const at::Tensor& full) override {
    const at::Tensor from = is_bf16(full) ? full.to(at::kFloat) : full;
    const at::Tensor to = is_bf16(shard) ? at::empty_like(shard, at::kFloat) : shard;
    check("MPI_Reduce_scatter_block",
          MPI_Reduce_scatter_block(from.data_ptr(), to.data_ptr(), count_of(to.numel()),
                                   reduced_type(from), MPI_SUM, comm_));
    if (is_bf16(shard)) shard.copy_(to);
  }

  struct ByteBlocks {
    std::vector<int> counts;
    std::vector<int> offsets;
  };

  static ByteBlocks byte_blocks(const RowCounts& rows, std::int64_t bytes_per_row) {
    ByteBlocks blocks;
    std::int64_t offset = 0;
    for (const std::int64_t count : rows) {
      blocks.counts.push_back(count_of(count * bytes_per_row));
      blocks.offsets.push_back(count_of(offset));
      offset += count * bytes_per_row;
    }
    return blocks;
  }

  void do_all_to_all(at::Tensor received, const at::Tensor& rows, const RowCounts& send,
                     const RowCounts& receive) override {
    const std::int64_t row_bytes = rows.stride(0) * static_cast<std::int64_t>(rows.element_size());
    const ByteBlocks out = byte_blocks(send, row_bytes);
    const ByteBlocks in = byte_blocks(receive, row_bytes);
    check("MPI_Alltoallv",
          MPI_Alltoallv(rows.data_ptr(), out.counts.data(), out.offsets.data(), MPI_BYTE,
                        received.data_ptr(), in.counts.data(), in.offsets.data(), MPI_BYTE, comm_));
  }

  std::unique_ptr<Request::Transfer> do_start_send(at::Tensor tensor, int peer) override {
    MPI_Request request = MPI_REQUEST_NULL;
    check("MPI_Isend",
          MPI_Isend(tensor.data_ptr(), byte_count(tensor), MPI_BYTE, peer, kTag, comm_, &request));
    return std::make_unique<MpiTransfer>(std::move(tensor), request);
  }

  std::unique_ptr<Request::Transfer> do_start_receive(at::Tensor tensor, int peer) override {
    MPI_Request request = MPI_REQUEST_NULL;
    check("MPI_Irecv",
          MPI_Irecv(tensor.data_ptr(), byte_count(tensor), MPI_BYTE, peer, kTag, comm_, &request));
    return std::make_unique<MpiTransfer>(std::move(tensor), request);
  }

  void do_barrier() override { check("MPI_Barrier", MPI_Barrier(comm_)); }

  std::unique_ptr<Communicator> do_split(int color, const Membership& member) override {
    return split_from(comm_, color, member);
  }

  static constexpr int kTag = 0;  // MPI keeps the order of messages between two ranks

  MPI_Comm comm_;
};

}  // namespace

MpiSession::MpiSession() {
  int granted = MPI_THREAD_SINGLE;
  // Of a GPU's tensors a thread of autograd calls, while the one that started it waits.
  check("MPI_Init_thread", MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &granted));
  check("MPI_Comm_set_errhandler", MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
}

MpiSession::~MpiSession() { MPI_Finalize(); }

int mpi_world_size() {
  int size = 0;
  check("MPI_Comm_size", MPI_Comm_size(MPI_COMM_WORLD, &size));
  return size;
}

int mpi_world_rank() {
  int rank = 0;
  check("MPI_Comm_rank", MPI_Comm_rank(MPI_COMM_WORLD, &rank));
  return rank;
}

std::string mpi_broadcast(std::string text) {
  auto length = static_cast<std::int64_t>(text.size());
  check("MPI_Bcast", MPI_Bcast(&length, 1, MPI_INT64_T, 0, MPI_COMM_WORLD));
  text.resize(static_cast<std::size_t>(length));
  check("MPI_Bcast", MPI_Bcast(text.data(), count_of(length), MPI_BYTE, 0, MPI_COMM_WORLD));
  return text;
}

std::unique_ptr<Communicator> make_mpi_communicator(const RankGroup& members, Ledger& ledger) {
  return MpiCommunicator::root(members, &ledger);
}

std::unique_ptr<Communicator> make_mpi_communicator(const RankGroup& members) {
  return MpiCommunicator::root(members, nullptr);
}

}  // namespace galvatron
