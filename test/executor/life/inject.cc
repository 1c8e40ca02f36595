// A library for LD_PRELOAD that kills or stops a rank in the middle of its work.
//
// The program under test is the one that is shipped and knows nothing of this: MPI's profiling
// interface lets a library stand before any call, and the dynamic linker does the same for fsync.
// So a failure happens at exactly the call a test names, every time.
//
//   INJECT_RANK=1          which rank, as Open MPI numbers them
//   INJECT_CALL=MPI_Isend  before which call
//   INJECT_COUNT=3         before the how manieth such call
//   INJECT_SIGNAL=9        what the rank sends to itself
//   INJECT_TARGET=parent   or to the process that started it
//   INJECT_STAMP=FILE      is made just before; it holds the process's number
#include <dlfcn.h>
#include <fcntl.h>
#include <mpi.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

bool equals(const char* name, const char* expected) {
  const char* value = std::getenv(name);
  return value != nullptr && std::strcmp(value, expected) == 0;
}

bool is_the_rank() {
  const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
  return rank != nullptr && equals("INJECT_RANK", rank);
}

void strike() {
  if (const int file = open(std::getenv("INJECT_STAMP"), O_CREAT | O_WRONLY | O_TRUNC, 0644);
      file >= 0) {
    dprintf(file, "%d\n", static_cast<int>(getpid()));
    close(file);
  }
  const pid_t target = equals("INJECT_TARGET", "parent") ? getppid() : getpid();
  kill(target, std::atoi(std::getenv("INJECT_SIGNAL")));
}

void before(const char* call) {
  if (!equals("INJECT_CALL", call) || !is_the_rank()) return;
  static std::atomic<int> calls{0};
  if (++calls == std::atoi(std::getenv("INJECT_COUNT"))) strike();
}

}  // namespace

extern "C" {

int MPI_Init_thread(int* argc, char*** argv, int required, int* provided) {
  before("MPI_Init_thread");
  return PMPI_Init_thread(argc, argv, required, provided);
}

int MPI_Isend(const void* data, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
              MPI_Request* request) {
  before("MPI_Isend");
  return PMPI_Isend(data, count, type, peer, tag, comm, request);
}

int MPI_Allreduce(const void* data, void* result, int count, MPI_Datatype type, MPI_Op op,
                  MPI_Comm comm) {
  before("MPI_Allreduce");
  return PMPI_Allreduce(data, result, count, type, op, comm);
}

int MPI_Finalize() {
  before("MPI_Finalize");
  return PMPI_Finalize();
}

int fsync(int file) {
  before("fsync");
  using Fsync = int (*)(int);
  static const Fsync next = reinterpret_cast<Fsync>(dlsym(RTLD_NEXT, "fsync"));
  return next(file);
}

}  // extern "C"
