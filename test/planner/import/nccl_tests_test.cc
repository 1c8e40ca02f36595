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

std::vector<NcclTestsRun> read_all(const std::string& path, const std::string& text) {
  return read_nccl_tests_table(make_source(path, text));
}

NcclTestsRun read(const std::string& path, const std::string& text) {
  const std::vector<NcclTestsRun> runs = read_all(path, text);
  REQUIRE(runs.size() == 1);
  return runs.front();
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

// Of nccl-tests before 2.12: no root, and no operation where nothing is added up.
constexpr const char* kOldDevices =
    "# Using devices\n"
    "#   Rank  0 Pid  11228 on  gpu-node device  0 [0x1a] Tesla V100-SXM2-32GB\n"
    "#   Rank  1 Pid  11228 on  gpu-node device  1 [0x1b] Tesla V100-SXM2-32GB\n";

TEST_CASE("tables of older versions read the same, whatever columns they lack") {
  const NcclTestsRun reduced =
      read("all_reduce_perf.log",
           std::string(kOldDevices) +
               "#       size         count    type   redop     time   algbw   busbw  error     time"
               "   algbw   busbw  error\n"
               "  1024  256  float  sum  20.0  0.05  0.05  2e-07  21.0  0.05  0.05  2e-07\n");
  CHECK(reduced.device == "Tesla V100-SXM2-32GB");
  REQUIRE(reduced.samples.size() == 1);
  CHECK(reduced.samples[0].time.value == Approx(20e-6));
  const NcclTestsRun gathered =
      read("all_gather_perf.log",
           std::string(kOldDevices) +
               "#       size         count    type             time   algbw   busbw  error     time"
               "   algbw   busbw  error\n"
               "  1024  128  float  20.0  0.05  0.03  0e+00  21.0  0.05  0.03  N/A\n");
  REQUIRE(gathered.samples.size() == 1);
  CHECK(gathered.samples[0].collective.kind == CollectiveKind::all_gather);
  CHECK(gathered.samples[0].time.value == Approx(20e-6));
}

constexpr const char* kRow =
    "   134217728      33554432     float     sum      -1    700.0   191.7   191.7    N/A    "
    "701.0   191.5   191.5    N/A";

TEST_CASE(
    "columns that were asked for do not matter: the host's time, the clock, every iteration") {
  std::string heading = kHeading;
  const std::string row = std::string(kRow) + "  2025-10-02 12:00:41\n";
  CHECK(read("all_reduce_perf.txt", heading + row).samples[0].time.value == Approx(700e-6));
  const std::string time = "    time ";
  heading.replace(heading.find(time), time.size(), " cputime ");
  CHECK(read("all_reduce_perf.txt", heading + row).samples[0].time.value == Approx(700e-6));
  const std::string every =
      "#  size  count  type  redop  root  time  algbw  busbw #wrong  i_min  i_max  i_p99  i_cv%  "
      "time  algbw  busbw #wrong  i_min  i_max  i_p99  i_cv%\n"
      "  1024  256  float  sum  -1  20.0  0.05  0.05  0  18.0  25.0  24.0  5.0  21.0  0.05  0.05  "
      "0  18.0  25.0  24.0  5.0\n";
  CHECK(read("all_reduce_perf.txt", kOldDevices + every).samples[0].time.value == Approx(20e-6));
}

TEST_CASE("what launchers put before lines, and other lines, do not matter") {
  std::string tagged;
  std::string labelled;
  const std::string text =
      std::string(kHeading) + "node-a:68:79 [0] NCCL INFO Channel 00/02\n" + kRows;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin) + 1;
    tagged += "[1,0]<stdout>:" + text.substr(begin, end - begin);
    labelled += " 0: " + text.substr(begin, end - begin);
    begin = end;
  }
  const NcclTestsRun plain = read("all_reduce_perf.txt", text);
  CHECK(plain.samples.size() == 2);
  CHECK(read("all_reduce_perf.txt", tagged) == plain);
  CHECK(read("all_reduce_perf.txt", labelled) == plain);
}

TEST_CASE("runs that follow each other in one file stay apart") {
  std::string four = kHeading;
  four += "#  Rank  2 Group  0 Pid   6899 on node-a device  2 [0000:06:00] NVIDIA H100 80GB HBM3\n";
  const std::vector<NcclTestsRun> runs = read_all(
      "log.txt", "+ mpirun -np 2 ./build/all_reduce_perf -b 8\n" + std::string(kHeading) + kRows +
                     "+ mpirun -np 3 ./build/all_gather_perf -b 8\n" + four + kRows);
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].ranks == 2);
  CHECK(runs[0].samples[0].collective.kind == CollectiveKind::all_reduce);
  CHECK(runs[1].ranks == 3);
  CHECK(runs[1].samples[0].collective.kind == CollectiveKind::all_gather);
}

TEST_CASE("of groups that communicate at once the first one counts") {
  std::string heading = kHeading;
  heading +=
      "#  Rank  2 Group  1 Pid   6899 on node-b device  0 [0000:06:00] NVIDIA H100 80GB HBM3\n"
      "#  Rank  3 Group  1 Pid   6899 on node-b device  1 [0000:07:00] NVIDIA H100 80GB HBM3\n";
  const NcclTestsRun run = read("all_reduce_perf.txt", heading + kRows);
  CHECK(run.ranks == 2);
  CHECK(run.nodes == 1);
}

TEST_CASE("where no devices are listed the rates tell how many there were") {
  // 8 ranks: all-reduce 1.75, all-gather 0.875 of the algorithm's rate.
  const std::string rows =
      "  1073741824  268435456  float  sum  -1  4727.0  227.15  397.51  0  "
      "4730.0  227.0  397.2  0\n";
  const NcclTestsRun listed = read("all_reduce_perf.txt", rows);
  CHECK(listed.ranks == 8);
  CHECK(listed.nodes == 0);
  CHECK(on_nodes_of(listed, 8).samples[0].placement ==
        GroupPlacement{.ranks = 8, .nodes = 1, .ranks_per_node = 8});
  CHECK(on_nodes_of(listed, 4).samples[0].placement ==
        GroupPlacement{.ranks = 8, .nodes = 2, .ranks_per_node = 4});
  CHECK(read("all_gather_perf.txt",
             "  1073741824  33554432  float  none  -1  4727.0  227.15  198.76  0  4730.0  227.0  "
             "198.6  0\n")
            .ranks == 8);
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
        "all_reduce_perf.txt:10:1: a row of nccl-tests has size, count and type, and time, algbw, "
        "busbw and #wrong out of place and in place, found 3 columns\n"
        "    1024  256  float\n"
        "  ^");
  CHECK(error_of("all_reduce_perf.txt",
                 std::string(kHeading) +
                     "  1024  256  float  sum  -1  fast  0.05  0.03  0  21.0  0.05  0.03  0\n")
            .find("all_reduce_perf.txt:10:30: time must be a number, found fast\n") == 0);
}

TEST_CASE("files that say too little are refused with what is missing") {
  CHECK(error_of("x.txt", "hello\n")
            .find("must hold the table of an nccl-tests program, found no "
                  "row") != std::string::npos);
  CHECK(error_of("all_reduce_perf.txt",
                 "  1073741824  268435456  float  sum  -1  1.0  1.97  3.88  0  1.0  1.9  3.8  0\n")
            .find("must list its devices") != std::string::npos);
  CHECK(error_of("run.txt", std::string(kHeading) + kRows)
            .find("name the file after the program, as in all_reduce_perf.txt") !=
        std::string::npos);
  std::string alone = kHeading;
  alone.erase(alone.find("#  Rank  1"),
              alone.find('\n', alone.find("#  Rank  1")) + 1 - alone.find("#  Rank  1"));
  CHECK(error_of("all_reduce_perf.txt", alone + kRows).find("one rank communicates with nobody") !=
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

NcclTestsRun read_json(const std::string& text) {
  const std::vector<NcclTestsRun> runs = read_nccl_tests_json(make_source("run.json", text));
  REQUIRE(runs.size() == 1);
  return runs.front();
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  return text.replace(text.find(what), what.size(), with);
}

TEST_CASE("the JSON that nccl-tests writes gives the same") {
  const NcclTestsRun run = read_json(kJson);
  CHECK(run.ranks == 2);
  CHECK(run.device == "NVIDIA H200");
  REQUIRE(run.samples.size() == 1);
  CHECK(run.samples[0].time.value == Approx(25e-6));
  CHECK(run.samples[0].collective.kind == CollectiveKind::all_reduce);
}

TEST_CASE("in JSON the first rank of each process stands for all that it drives") {
  // all_reduce_perf -g 8
  const std::string alone = replaced(kJson, R"(,
 {"rank": 1, "group": 0, "pid": 1, "hostname": "a", "device": 1, "device_hex": "0x05", "device_info": "NVIDIA H200"})",
                                     "");
  CHECK(read_json(replaced(alone, "\"ngpus\": 2", "\"ngpus\": 8")).ranks == 8);
  // mpirun -np 2 all_reduce_perf -g 4
  std::string several = replaced(kJson, "\"rank\": 1", "\"rank\": 4");
  several =
      replaced(several, "\"hostname\": \"a\", \"device\": 1", "\"hostname\": \"b\", \"device\": 0");
  const NcclTestsRun run = read_json(several);
  CHECK(run.ranks == 8);
  CHECK(run.nodes == 2);
  CHECK(run.ranks_per_node == 4);
}

TEST_CASE("in JSON the host's time and what was measured in place only are read as well") {
  CHECK(read_json(replaced(kJson, "\"time\": 25.0", "\"cpu_time\": 26.0")).samples[0].time.value ==
        Approx(26e-6));
  CHECK(
      read_json(replaced(kJson, R"({"time": 25.0, "alg_bw": 41.9, "bus_bw": 41.9, "nwrong": 0.0})",
                         "null"))
          .samples[0]
          .time.value == Approx(24e-6));
}

}  // namespace
}  // namespace galvatron
