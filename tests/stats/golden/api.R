# Writes api_strat.csv, api_clus1.csv, api_clus2.csv: Rscript api.R <input folder> <output folder>   (survey 4.1-1)
library(survey)
data(api)
out <- commandArgs(TRUE)[2]
keep <- c("snum", "stype", "dnum", "api00", "api99", "growth", "target", "sch.wide", "comp.imp", "awards", "meals", "ell",
          "mobility", "acs.46", "acs.core", "full", "emer", "enroll", "api.stu", "pw")
write <- function(data, fpc, name) {
  write.csv(data[, c(keep, fpc)], file.path(out, name), row.names = FALSE, na = "", quote = FALSE)
}
write(apistrat, "fpc", "api_strat.csv")
write(apiclus1, "fpc", "api_clus1.csv")
write(apiclus2, c("fpc1", "fpc2"), "api_clus2.csv")
