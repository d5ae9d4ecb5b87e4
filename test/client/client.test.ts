import t from 'tap'
import { runCases } from '../helpers/client/run.ts'
import { suite } from '../helpers/client/suite.ts'

runCases(t, suite)
