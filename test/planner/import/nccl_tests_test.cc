#include "planner/import/nccl_tests.h"

#include "planner/files/spec_error.h"
#include "test/catch.h"

namespace galvatron {
namespace {

constexpr const char* kHeading =
    "# nThread 1 nGpus 1 minBytes 8 maxBytes 134217728 step: 2(factor) warmup iters: 5 iters: 20\n"
    "#\n"
    "# Using devices\n"
    "#  Rank  0 Group  0 Pid   6899 on node-a device  0 [0000:04:00] NVIDIA H100 80GB HBM3\n"
    "#  Rank  1 Group  0 Pid   6900 on node-a device  1 [0000:05:00] NVIDIA H100 80GB HBM3\n"
    "#\n"
    "#                                                              out-of-place              \n"
    "#       size         count      type   redop    root     time   algbw   busbw #wrong     "
    "time   algbw   busbw #wrong\n"
    "#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            "
    "(us)  (GB/s)  (GB/s)       \n";

constexpr const char* kRows =
    "           8             2     float     sum      -1    12.50    0.00    0.00      0    "
    "12.40    0.00    0.00      0\n"
    "   134217728      33554432     float     sum      -1    700.0   191.7   191.7      0    "
    "701.0   191.5   191.5      0\n"
    "# Out of bounds values : 0 OK\n"
    "# Avg bus bandwidth    : 95.85\n";

NcclTestsRun read(const std::string& path, const std::string& text) {
  return read_nccl_tests_table(make_source(path, text));
}

TEST_CASE("the table of an all-reduce gives its ranks, device and times out of place") {
  const NcclTestsRun run = read("all_reduce_perf.txt", std::string(kHeading) + kRows);
  CHECK(run.ranks == 2);
  CHECK(run.nodes == 1);
  CHECK(run.device == "NVIDIA H100 80GB HBM3");
  REQUIRE(run.samples.size() == 2);
  CHECK(run.samples[1].collective ==
        Collective{.kind = CollectiveKind::all_reduce, .payload = Bytes{134217728}});
  CHECK(run.samples[1].time.value == Approx(700e-6));
}

TEST_CASE("a table without the root column, of older versions, reads the same") {
  const NcclTestsRun run =
      read("all_gather_perf.log",
           std::string(kHeading) +
               "  1024  256  float  none  20.0  0.05  0.03  0  21.0  0.05  0.03  0\n");
  REQUIRE(run.samples.size() == 1);
  CHECK(run.samples[0].collective.kind == CollectiveKind::all_gather);
  CHECK(run.samples[0].time.value == Approx(20e-6));
}

TEST_CASE("the program named in the file counts before the file's name") {
  const NcclTestsRun run =
      read("all_reduce.txt",
           "# Collective test starting: reduce_scatter_perf\n" + std::string(kHeading) + kRows);
  CHECK(run.samples[0].collective.kind == CollectiveKind::reduce_scatter);
}

TEST_CASE("two hosts are two nodes") {
  std::string heading = kHeading;
  heading.replace(heading.rfind("node-a"), 6, "node-b");
  const NcclTestsRun run = read("all_reduce_perf.txt", heading + kRows);
  CHECK(run.nodes == 2);
  CHECK(run.samples[0].placement.ranks_per_node == 1);
}

std::string error_of(const std::string& path, const std::string& text) {
  try {
    read(path, text);
  } catch (const SpecError& error) {
    return to_text(error.diagnostics().front());
  }
  return "";
}

TEST_CASE("a row that is none is refused at its line") {
  CHECK(error_of("all_reduce_perf.txt", std::string(kHeading) + "  1024  256  float\n") ==
        "all_reduce_perf.txt:10:1: a row of nccl-tests has at least 8 columns, found 3\n"
        "    1024  256  float\n"
        "  ^");
  CHECK(error_of("all_reduce_perf.txt",
                 std::string(kHeading) +
                     "  1024  256  float  sum  -1  fast  0.05  0.03  0  21.0  0.05  0.03  0\n")
            .find("all_reduce_perf.txt:10:1: size must be a number of bytes and time one of "
                  "microseconds, found 1024 and fast\n") == 0);
}

TEST_CASE("files that say too little are refused with what is missing") {
  CHECK(error_of("x.txt", "hello\n")
            .find("must hold the table of an nccl-tests program, found no "
                  "row") != std::string::npos);
  CHECK(error_of("all_reduce_perf.txt", kRows).find("must list its devices") != std::string::npos);
  CHECK(error_of("run.txt", std::string(kHeading) + kRows)
            .find("name the file after the program, as in all_reduce_perf.txt") !=
        std::string::npos);
}

constexpr const char* kJson = R"({"version": 1, "start_time": "2025-01-01 00:00:00",
"args": ["./build/all_reduce_perf", "-b", "8"], "env": [], "nccl_version": 22700,
"config": {"nthreads": 1, "ngpus": 2, "devices": [
 {"rank": 0, "group": 0, "pid": 1, "hostname": "a", "device": 0, "device_hex": "0x04", "device_info": "NVIDIA H200"},
 {"rank": 1, "group": 0, "pid": 1, "hostname": "a", "device": 1, "device_hex": "0x05", "device_info": "NVIDIA H200"}]},
"results": [{"size": 1048576, "count": 262144, "type": "float", "redop": "sum", "root": "    -1",
 "out_of_place": {"time": 25.0, "alg_bw": 41.9, "bus_bw": 41.9, "nwrong": 0.0},
 "in_place": {"time": 24.0, "alg_bw": 43.7, "bus_bw": 43.7, "nwrong": 0.0}}]})";

TEST_CASE("the JSON that nccl-tests writes gives the same") {
  const NcclTestsRun run = read_nccl_tests_json(make_source("run.json", kJson));
  CHECK(run.ranks == 2);
  CHECK(run.device == "NVIDIA H200");
  REQUIRE(run.samples.size() == 1);
  CHECK(run.samples[0].time.value == Approx(25e-6));
  CHECK(run.samples[0].collective.kind == CollectiveKind::all_reduce);
}

}  // namespace
}  // namespace galvatron
