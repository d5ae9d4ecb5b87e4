import t from 'tap'
import { runCases } from './helpers/run.ts'
import { suite } from './helpers/suite.ts'

runCases(t, suite)
