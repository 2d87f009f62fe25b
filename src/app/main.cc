// gnosis-ocr: parses the command line and runs a command.
#include "app/command_line.h"
#include "app/run_command.h"
#include "app/settings.h"
#include "app/standard_output.h"

int main(int argc, char** argv) {
  gnosis::OccupyStandardStreams();
  return int(gnosis::RunCommand(gnosis::ParseCommandLine(argc, argv), gnosis::DefaultSources()));
}
